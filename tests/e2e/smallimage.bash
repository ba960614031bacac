# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# What the tests of the gate and of the nightly rebuild break: the image without what is large and not
# looked at, since the first start of each new image copies it. It says itself what is left out.
: "${image:?the image}"
small=localhost/host-agent-e2e:small

small_image() {
  local of
  of=$(podman image inspect "$image" --format '{{.Id}}')
  [[ $(podman image inspect "$small" --format '{{index .Labels "of"}}' 2>/dev/null) != "$of" ]] || return 0
  podman build -q -t "$small" - <<END
FROM $image AS whole
USER 0
RUN cd /usr && rm -rf lib/go* share/go* local/bin/* bin/perl* bin/just bin/ssh* share/perl* share/doc \\
    share/bash-completion share/zoneinfo share/nvim/runtime/*/ lib/git-core share/terminfo share/i18n \\
    lib/*/gconv lib/*/perl* share/ca-certificates share/file lib/file share/icons /var/lib/dpkg \\
    local/lib/host-agent/versions
FROM scratch
COPY --from=whole / /
LABEL of=$of host-agent.variant=slim host-agent.version.agent=none host-agent.version.uv=none \\
    host-agent.version.just=none org.opencontainers.image.title="host-agent sandbox"
USER agent
WORKDIR /home/agent
ENV LANG=C.UTF-8
ENTRYPOINT ["/usr/sbin/sshd-entry"]
END
}
