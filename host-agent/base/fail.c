/* SPDX-License-Identifier: ISC */
#include "fail.h"

#include <gio/gio.h>

gboolean fail(GError **error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    GError *made = g_error_new_valist(G_IO_ERROR, G_IO_ERROR_FAILED, format, args);
    va_end(args);
    g_propagate_error(error, made);
    return FALSE;
}
