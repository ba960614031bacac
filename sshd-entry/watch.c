/* SPDX-License-Identifier: ISC */
#include "watch.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "notice.h"
#include "options.h"
#include "osc.h"

#define SECOND_MS 1000
#define MESSAGES_MAX 4 /* a second */
/* What nobody has read yet: the rest of a pipe's 64 KiB is for the agent's hooks, whose messages
 * are not to be lost for want of room. */
#define WAITING_MAX (16 << 10)

struct watch {
    int fifo;
    unsigned words;
    const char *port;
    struct osc osc;
    int64_t second_ms; /* began then, in which there were so many */
    unsigned messages;
    int64_t bell_ms; /* no other before */
    bool dropped;    /* one or more, which was logged */
};

struct watch *watch_new(int fifo, unsigned words, const char *port)
{
    struct watch *watch = malloc(sizeof(*watch));

    if (watch)
        *watch = (struct watch){.fifo = fifo,
                                .words = words,
                                .port = port,
                                .osc = {.rang = !(words & OPTIONS_TERMINAL_BELL)}};
    return watch;
}

static void drop(struct watch *watch, const char *why)
{
    if (!watch->dropped)
        log_info("messages of a terminal's programs are dropped: %s", why);
    watch->dropped = true;
}

static void tell(struct watch *watch, const struct notice *notice)
{
    int waiting = 0;

    if (ioctl(watch->fifo, FIONREAD, &waiting) < 0 || waiting > WAITING_MAX ||
        write(watch->fifo, notice->line, notice->length) != (ssize_t)notice->length)
        drop(watch, "nobody reads the FIFO");
}

static bool may_speak(struct watch *watch)
{
    const int64_t now_ms = clock_now_ms();

    if (now_ms - watch->second_ms >= SECOND_MS) {
        watch->second_ms = now_ms;
        watch->messages = 0;
    }
    return watch->messages++ < MESSAGES_MAX;
}

static void on_message(const struct osc_message *message, void *data)
{
    struct watch *watch = data;
    struct notice notice;

    if (!(watch->words & OPTIONS_TERMINAL_OSC))
        return;
    if (!may_speak(watch)) {
        drop(watch, "too many");
        return;
    }
    notice_of_message(&notice, message, watch->port);
    if (notice.length)
        tell(watch, &notice);
}

static void ring(struct watch *watch)
{
    struct notice notice;
    const int64_t now_ms = clock_now_ms();

    watch->osc.rang = false;
    if (now_ms < watch->bell_ms)
        return;
    watch->bell_ms = now_ms + SECOND_MS;
    notice_of_bell(&notice, watch->port);
    tell(watch, &notice);
}

void watch_output(struct watch *watch, const char *bytes, size_t size)
{
    osc_feed(&watch->osc, bytes, size, on_message, watch);
    if (watch->osc.rang && watch->words & OPTIONS_TERMINAL_BELL)
        ring(watch);
}
