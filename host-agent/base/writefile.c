/* SPDX-License-Identifier: ISC */
#include "writefile.h"

#include "fail.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean writefile(const char *path, const char *text, int mode, GError **error)
{
    g_autoptr(GError) cause = NULL;
    mode_t before = umask(0);
    gboolean written = g_file_set_contents_full(
        path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, &cause);

    umask(before);
    return written || fail(error, "cannot write %s: %s", path, cause->message);
}

gboolean writefile_all(int fd, const char *data, gsize size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return FALSE;
        data += written;
        size -= (gsize)written;
    }
    return TRUE;
}
