#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and the clients that people use besides ssh(1).

bats_require_minimum_version 1.5.0

setup() {
  load server.bash
  server_prepare
  server_start
  head -c 5000000 /dev/urandom >"$dir/file"
}

teardown() {
  server_stop
}

@test "rsync, both ways, and what has not changed is not sent again" {
  mkdir -p "$dir/tree/sub" && cp "$dir/file" "$dir/tree/sub/one" && echo two >"$dir/tree/two"
  rsync -a -e "ssh $(client_options)" "$dir/tree" "agent@127.0.0.1:$dir/there/"
  diff -r "$dir/tree" "$dir/there/tree"
  rsync -a -e "ssh $(client_options)" "agent@127.0.0.1:$dir/there/tree" "$dir/back/"
  diff -r "$dir/tree" "$dir/back/tree"
  run -0 rsync -a --itemize-changes -e "ssh $(client_options)" "$dir/tree" "agent@127.0.0.1:$dir/there/"
  [ -z "$output" ]
}

@test "git clones, fetches and pushes" {
  git init -q --bare "$dir/remote.git"
  git init -q -b main "$dir/work"
  cp "$dir/file" "$dir/work" && git -C "$dir/work" add file
  git -C "$dir/work" -c user.name=a -c user.email=a@b commit -q -m one
  export GIT_SSH_COMMAND="ssh $(client_options)"
  git -C "$dir/work" push -q "ssh://agent@127.0.0.1$dir/remote.git" main
  git clone -q -b main "ssh://agent@127.0.0.1$dir/remote.git" "$dir/clone"
  cmp "$dir/clone/file" "$dir/file"
}

@test "Dropbear's dbclient" {
  dropbearconvert openssh dropbear "$dir/id" "$dir/id.dropbear"
  dbclient() { HOME=$dir timeout 60 dbclient -y -i "$dir/id.dropbear" -p "$port" agent@127.0.0.1 "$@" 2>"$dir/err"; }
  [ "$(dbclient 'echo in')" = in ]
  run -7 dbclient 'exit 7'
  [ "$(dbclient cat <"$dir/file" | sha256sum)" = "$(sha256sum <"$dir/file")" ]
}

@test "PuTTY's plink and psftp" {
  puttygen "$dir/id" -o "$dir/id.ppk"
  hostkey=$(cut -d' ' -f2- "$dir/known_hosts" | ssh-keygen -lf - | cut -d' ' -f2)
  options=(-batch -P "$port" -l agent -i "$dir/id.ppk" -hostkey "$hostkey")
  export HOME=$dir
  [ "$(timeout 60 plink "${options[@]}" 127.0.0.1 'echo in')" = in ]
  run -7 timeout 60 plink "${options[@]}" 127.0.0.1 'exit 7'
  [ "$(timeout 60 plink "${options[@]}" 127.0.0.1 cat <"$dir/file" | sha256sum)" = "$(sha256sum <"$dir/file")" ]
  printf 'put %s %s\nget %s %s\n' "$dir/file" "$dir/there" "$dir/there" "$dir/back" >"$dir/batch"
  timeout 60 psftp "${options[@]}" -b "$dir/batch" 127.0.0.1 >/dev/null
  cmp "$dir/file" "$dir/back"
}

@test "paramiko and asyncssh: commands, many at once, and files" {
  run -0 timeout 60 /usr/bin/python3 - "$port" "$dir" <<'PY'
import asyncio, asyncssh, paramiko, sys
port, dir = int(sys.argv[1]), sys.argv[2]
c = paramiko.SSHClient()
c.load_host_keys(dir + '/known_hosts')
c.connect('127.0.0.1', port, 'agent', key_filename=dir + '/id', allow_agent=False, look_for_keys=False)
_, out, _ = c.exec_command('echo in')
assert out.read() == b'in\n'
s = c.open_sftp()
s.put(dir + '/file', dir + '/p1')
s.get(dir + '/p1', dir + '/p2')
assert open(dir + '/p2', 'rb').read() == open(dir + '/file', 'rb').read()
c.close()

async def main():
    async with asyncssh.connect('127.0.0.1', port, username='agent', client_keys=[dir + '/id'],
                                known_hosts=dir + '/known_hosts', config=None, agent_path=None) as c:
        r = await asyncio.gather(*[c.run(f'echo {n}; exit {n}') for n in range(50)])
        assert [(x.stdout, x.exit_status) for x in r] == [(f'{n}\n', n) for n in range(50)]
        async with c.start_sftp_client() as s:
            await s.get(dir + '/file', dir + '/a1')
    assert open(dir + '/a1', 'rb').read() == open(dir + '/file', 'rb').read()
asyncio.run(main())
PY
}

@test "ssh-audit finds nothing that is weak" {
  run timeout 60 ssh-audit -n -p "$port" 127.0.0.1
  echo "$output"
  [[ $output == *"(kex) curve25519-sha256"* ]]
  # Of strict key exchange the auditor's release may know nothing.
  run ! grep -E '\[(fail|warn)\]|\(cve\)' <(grep -v kex-strict <<<"$output")
}
