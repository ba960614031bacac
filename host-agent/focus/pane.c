/* SPDX-License-Identifier: ISC */
#include "pane.h"

#include "base/run.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MAX ((gsize)1024 * 1024)
enum { SECONDS = 2, SECONDS_ALL = 6, SOCKETS_MAX = 64 };

static void pane_free(gpointer data)
{
    Pane *pane = data;

    g_free(pane->socket);
    g_free(pane->id);
    g_free(pane->window);
    g_free(pane->session);
    g_free(pane->client);
    g_free(pane);
}

/* --- Sockets ---------------------------------------------------------------------------------- */

static gboolean is_mine(const struct stat *st, mode_t type)
{
    return (st->st_mode & S_IFMT) == type && st->st_uid == geteuid();
}

/* That of the tmux we are in, which may be anywhere: $TMUX is `SOCKET,PID,SESSION`. */
static void add_own_socket(GPtrArray *sockets)
{
    const char *tmux = g_getenv("TMUX");
    struct stat st;

    if (!tmux || *tmux != '/')
        return;
    g_autofree char *path = g_strndup(tmux, strcspn(tmux, ","));
    if (lstat(path, &st) == 0 && is_mine(&st, S_IFSOCK))
        g_ptr_array_add(sockets, g_steal_pointer(&path));
}

/* Those of tmux -L, and the default one. */
static void add_sockets(GPtrArray *sockets)
{
    const char *base = g_getenv("TMUX_TMPDIR");
    g_autofree char *dir =
        g_strdup_printf("%s/tmux-%u", base && *base ? base : "/tmp", (unsigned)geteuid());
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    DIR *entries = NULL;

    if (fd >= 0 && fstat(fd, &st) == 0 && is_mine(&st, S_IFDIR) && !(st.st_mode & S_IRWXO))
        entries = fdopendir(fd);
    if (!entries) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (const struct dirent *entry; sockets->len < SOCKETS_MAX && (entry = readdir(entries));) {
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !is_mine(&st, S_IFSOCK))
            continue;
        g_autofree char *path = g_build_filename(dir, entry->d_name, NULL);
        if (!g_ptr_array_find_with_equal_func(sockets, path, g_str_equal, NULL))
            g_ptr_array_add(sockets, g_steal_pointer(&path));
    }
    closedir(entries);
}

/* --- What a server says ----------------------------------------------------------------------- */

/* The client that the user typed in last, and the session it shows. */
typedef struct {
    gint64 activity;
    char *session;
    char *name;
} Client;

/* `client ACTIVITY SESSION NAME` */
static void take_client(Client *client, char **word)
{
    gint64 activity = g_ascii_strtoll(word[1], NULL, 10);

    if (client->name && activity <= client->activity)
        return;
    g_free(client->session);
    g_free(client->name);
    *client = (Client){activity, g_strdup(word[2]), g_strdup(word[3])};
}

/* `pane PANE WINDOW SESSION ACTIVITY NAMED TERMINAL` */
static void take_pane(GPtrArray *panes, const char *socket, const Client *client, char **word)
{
    struct stat st;

    if (word[1][0] != '%' || word[2][0] != '@' || word[3][0] != '$')
        return;
    Pane *pane = g_new0(Pane, 1);
    pane->socket = g_strdup(socket);
    pane->id = g_strdup(word[1]);
    pane->window = g_strdup(word[2]);
    pane->session = g_strdup(word[3]);
    pane->activity = g_ascii_strtoll(word[4], NULL, 10);
    pane->named = *word[5] == '1';
    pane->client = g_strdup(client->name);
    pane->shown = g_strcmp0(client->session, pane->session) == 0;
    if (stat(word[6], &st) == 0 && S_ISCHR(st.st_mode))
        pane->terminal = st.st_rdev;
    g_ptr_array_add(panes, pane);
}

/* The clients come first. */
static void take_answer(GPtrArray *panes, const char *socket, const char *answer)
{
    g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
    Client client = {0};

    for (char **line = lines; *line; line++) {
        g_auto(GStrv) word = g_strsplit(*line, " ", 7);
        guint words = g_strv_length(word);
        if (words == 4 && strcmp(word[0], "client") == 0)
            take_client(&client, word);
        else if (words == 7 && strcmp(word[0], "pane") == 0)
            take_pane(panes, socket, &client, word);
    }
    g_free(client.session);
    g_free(client.name);
}

/* The name of a window is anybody's text, so tmux compares it and does not tell it. */
static void ask_server(GPtrArray *panes, const char *socket, const char *name)
{
    static const char clients[] = "client #{client_activity} #{session_id} #{client_name}";
    g_autofree char *all = g_strdup_printf("pane #{pane_id} #{window_id} #{session_id} "
                                           "#{window_activity} #{==:#{window_name},%s} #{pane_tty}",
                                           name);
    const char *const argv[] = {"tmux", "-S",         socket, "list-clients", "-F", clients,
                                ";",    "list-panes", "-a",   "-F",           all,  NULL};
    g_autofree char *answer = NULL;

    if (run_capture(argv, SECONDS, ANSWER_MAX, &answer, NULL))
        take_answer(panes, socket, answer);
}

static gint by_activity(gconstpointer a, gconstpointer b)
{
    const Pane *left = *(Pane *const *)a, *right = *(Pane *const *)b;

    if (left->activity != right->activity)
        return left->activity < right->activity ? 1 : -1;
    return right->shown - left->shown; /* of a window that several sessions have */
}

GPtrArray *pane_list(const char *name)
{
    GPtrArray *panes = g_ptr_array_new_with_free_func(pane_free);
    g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func(g_free);
    gint64 end = g_get_monotonic_time() + (gint64)SECONDS_ALL * G_USEC_PER_SEC;

    add_own_socket(sockets);
    add_sockets(sockets);
    for (guint i = 0; i < sockets->len && g_get_monotonic_time() < end; i++)
        ask_server(panes, sockets->pdata[i], name);
    g_ptr_array_sort(panes, by_activity);
    return panes;
}

gboolean pane_select(const Pane *pane, GError **error)
{
    g_autofree char *window = g_strconcat(pane->session, ":", pane->window, NULL);
    const char *const select[] = {"tmux", "-S",     pane->socket, "select-window",
                                  "-t",   window,   ";",          "select-pane",
                                  "-t",   pane->id, NULL};
    const char *const show[] = {
        "tmux", "-S", pane->socket, "switch-client", "-c", pane->client, "-t", pane->session, NULL};

    return run_capture(select, SECONDS, 0, NULL, error) &&
           (!pane->client || pane->shown || run_capture(show, SECONDS, 0, NULL, error));
}
