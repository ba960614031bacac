# SPDX-License-Identifier: ISC
# `make up` does the main job, `make check` proves it. `make help` lists the rest.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
DIR     ?= .

# MODE is release, asan (unit and end-to-end tests) or fuzz (clang, libFuzzer).
MODE ?= release
OUT  := build/$(MODE)

WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
          -Wpointer-arith -Wwrite-strings -Wundef
CFLAGS ?= -O2 -g
ifdef CI
WARN   += -Werror
endif
SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

MODE_CFLAGS_release  := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE
MODE_LDFLAGS_release := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
MODE_CFLAGS_asan     := $(SAN)
MODE_LDFLAGS_asan    := $(SAN)
MODE_CFLAGS_fuzz     := -fsanitize=fuzzer-no-link $(SAN)
MODE_LDFLAGS_fuzz    := -fsanitize=fuzzer $(SAN)
ifeq ($(MODE),fuzz)
CC := clang
endif

SSHD_PKGS := libssh
HOST_PKGS := libnotify gio-unix-2.0 json-glib-1.0 inih

pkg = $(shell pkg-config $(1) $(2))
all_cflags = -std=gnu17 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -MMD -MP $(WARN) $(CFLAGS) \
             $(MODE_CFLAGS_$(MODE))
all_ldflags = $(LDFLAGS) $(MODE_LDFLAGS_$(MODE))

SSHD_SRC := $(wildcard sshd-entry/*.c)
HOST_SRC := $(wildcard host-agent/*.c)
SSHD_OBJ := $(SSHD_SRC:%.c=$(OUT)/%.o)
HOST_OBJ := $(HOST_SRC:%.c=$(OUT)/%.o)

.PHONY: all sshd-entry host-agent
all: sshd-entry host-agent
sshd-entry: $(OUT)/bin/sshd-entry
host-agent: $(OUT)/bin/host-agent

# Each program is its main.o and an archive of all the rest; tests and fuzzers link the archive.
$(OUT)/lib/sshd-entry.a: $(filter-out %/main.o,$(SSHD_OBJ))
$(OUT)/lib/host-agent.a: $(filter-out %/main.o,$(HOST_OBJ))
$(OUT)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(OUT)/bin/sshd-entry: $(OUT)/sshd-entry/main.o $(OUT)/lib/sshd-entry.a
$(OUT)/bin/host-agent: $(OUT)/host-agent/main.o $(OUT)/lib/host-agent.a
$(OUT)/bin/sshd-entry: LIBS = $(call pkg,--libs,$(SSHD_PKGS))
$(OUT)/bin/host-agent: LIBS = $(call pkg,--libs,$(HOST_PKGS))
$(OUT)/bin/%:
	@mkdir -p $(@D)
	$(CC) $(all_ldflags) -o $@ $^ $(LIBS)

$(OUT)/sshd-entry/%.o: PKG_CFLAGS = $(call pkg,--cflags,$(SSHD_PKGS))
$(OUT)/host-agent/%.o: PKG_CFLAGS = $(call pkg,--cflags,$(HOST_PKGS)) \
    -DHOST_AGENT_DATADIR='"$(PREFIX)/share/host-agent"'
$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(all_cflags) $(PKG_CFLAGS) -c -o $@ $<

-include $(SSHD_OBJ:.o=.d) $(HOST_OBJ:.o=.d)
