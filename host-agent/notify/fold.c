/* SPDX-License-Identifier: ISC */
#include "fold.h"

typedef struct {
    gint64 credit; /* µs: a message costs a second divided by the rate */
    gint64 last;
    gboolean folding;
} Account;

struct Fold {
    GHashTable *accounts; /* sandbox -> Account, both its own */
};

Fold *fold_new(void)
{
    Fold *fold = g_new0(Fold, 1);

    fold->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return fold;
}

void fold_free(Fold *fold)
{
    g_hash_table_unref(fold->accounts);
    g_free(fold);
}

static Account *account_of(Fold *fold, const char *sandbox, gint64 now)
{
    Account *account = g_hash_table_lookup(fold->accounts, sandbox);

    if (!account) {
        account = g_new0(Account, 1);
        *account = (Account){G_TIME_SPAN_SECOND, now, FALSE};
        g_hash_table_insert(fold->accounts, g_strdup(sandbox), account);
    }
    return account;
}

gboolean fold_admits(Fold *fold, const char *sandbox, guint rate, gint64 now)
{
    Account *account = account_of(fold, sandbox, now);
    gint64 cost = G_TIME_SPAN_SECOND / rate;

    account->credit = MIN(account->credit + now - account->last, G_TIME_SPAN_SECOND);
    account->last = now;
    account->folding =
        account->folding ? account->credit < G_TIME_SPAN_SECOND : account->credit < cost;
    account->credit = MAX(0, account->credit - cost);
    return !account->folding;
}

void fold_forget(Fold *fold, const char *sandbox)
{
    g_hash_table_remove(fold->accounts, sandbox);
}
