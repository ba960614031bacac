/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "account.h"
#include "cleanup.h"
#include "hostkey.h"
#include "init.h"
#include "listener.h"
#include "log.h"
#include "options.h"
#include "transport.h"
#include "trim.h"
#include "warmup.h"

static ssh_bind load_transport(const struct options *options, const struct account *account)
{
    cleanup_free char *standard = NULL;
    cleanup_free char *public = NULL;

    if (asprintf(&standard, "%s/.sshd-entry/ssh_host_ed25519_key", account->home) < 0) {
        standard = NULL;
        return NULL;
    }
    ssh_key key = hostkey_load(options->host_key ? options->host_key : standard);
    if (!key)
        return NULL;
    public = hostkey_public_line(key);
    if (!public) {
        ssh_key_free(key);
        return NULL;
    }
    /* host-agent pins the key that it reads in this line. */
    log_info("host key %s", public);
    return transport_new(key);
}

int main(int argc, char **argv)
{
    struct options options;

    /* The sockets of this process live in the host's network namespace. Whoever could ptrace it,
     * or take a descriptor from it, could dial out from there: so nobody of the same uid may. */
    if (prctl(PR_SET_DUMPABLE, 0) < 0) {
        log_error("cannot become non-dumpable: %m");
        return EXIT_FAILURE;
    }
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_DONE:
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        return 2;
    case OPTIONS_RUN:
        break;
    }
    log_set_level(options.log_level);

    struct account account = account_of_process();
    int inherited;
    int fd = listener_open(options.listen, &inherited);
    if (fd < 0)
        return EXIT_FAILURE;
    ssh_bind transport = load_transport(&options, &account);
    if (!transport)
        return EXIT_FAILURE;
    log_info("listening on %s%s", listener_name(fd), inherited ? " (inherited)" : "");

    warmup(transport);
    trim();
    int rc = init_run(&options, &account, transport, fd);
    ssh_bind_free(transport);
    return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
