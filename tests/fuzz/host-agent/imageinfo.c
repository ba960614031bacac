/* SPDX-License-Identifier: ISC */
#include "image/imageinfo.h"
#include "base/imageref.h"
#include "image/imagetags.h"
#include "image/remote.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Labels, history and manifests of an image are its builder's: what is taken from them is short,
 * and fit for a terminal and for podman's command line. */

static void check_text(const char *text, size_t max)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_cmpuint(strlen(text), <=, max);
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        g_assert_true(g_unichar_isprint(g_utf8_get_char(p)));
}

static void check_info(const ImageInfo *info)
{
    g_autofree char *date = imageref_date(info->created);

    g_assert_true(imageref_is_sha256(info->id));
    g_assert_true(imageref_is_date(date));
    g_assert_true(info->created >= 0 && info->created <= 2000000000);
    g_assert_cmpint(info->size, >=, 0);
    check_text(info->digest, 320);
    for (int i = 0; i < IMAGE_LABELS; i++)
        check_text(info->labels[i], 320);
    imageinfo_source(info, "localhost/x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(ImageInfo) info = imageinfo_parse(text, -1, 2000000000);
    g_autoptr(GPtrArray) layers = imageinfo_layers(text, -1);
    g_autoptr(GPtrArray) tags = imagetags_parse(text, -1, "localhost/x:latest");
    g_autoptr(Remote) remote = remote_parse(text, 2000000000);

    if (info)
        check_info(info);
    for (guint i = 0; i < layers->len; i++) {
        const ImageLayer *layer = layers->pdata[i];
        g_assert_cmpint(layer->size, >, 0);
        check_text(layer->made_by, 320);
    }
    for (guint i = 0; i < tags->len; i++) {
        const ImageTag *tag = tags->pdata[i];
        g_assert_true(imageref_is_date(tag->date));
        g_assert_true(imageref_is_sha256(tag->id));
    }
    g_assert_true(!remote->id || imageref_is_sha256(remote->id));
    g_assert_true(remote->created >= 0 && remote->created <= 2000000000);
    return 0;
}
