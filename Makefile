# SPDX-License-Identifier: ISC
# `make up` does the main job, `make check` proves it. `make help` lists the rest.

VERSION := 0.1.0
PREFIX  ?= /usr/local
DESTDIR ?=
DIR     ?= .

# MODE is release, asan (unit and end-to-end tests) or fuzz (clang, libFuzzer).
MODE ?= release

# LIBSSH is static where there is a libssh.a, or shared: sshd-entry/extension.h tells what for. Each
# has a directory of its own.
LIBSSH_A := $(wildcard $(shell pkg-config --variable=libdir libssh 2>/dev/null)/libssh.a)
LIBSSH   ?= $(if $(LIBSSH_A),static,shared)
$(if $(filter static shared,$(LIBSSH)),,$(error LIBSSH=$(LIBSSH): static or shared))
OUT      := build/$(MODE)$(if $(and $(LIBSSH_A),$(filter shared,$(LIBSSH))),-shared)

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

# `make V=1` shows the whole commands.
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)' $@)

pkg = $(shell pkg-config $(1) $(2))
# What libssh.a itself needs; GSSAPI is in gssapi.c.
sshd_flags_static = -DWITH_LIBSSH_INTERNALS
sshd_libs_shared = $(call pkg,--libs,$(SSHD_PKGS))
sshd_libs_static = $(LIBSSH_A) $(OUT)/lib/sshd-entry.a $(call pkg,--libs,libcrypto zlib)
all_cflags = -std=gnu17 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -MMD -MP $(WARN) $(CFLAGS) \
             $(MODE_CFLAGS_$(MODE))
all_ldflags = $(LDFLAGS) $(MODE_LDFLAGS_$(MODE))

SSHD_SRC := $(wildcard sshd-entry/*.c)
HOST_SRC := $(wildcard host-agent/*.c host-agent/*/*.c)
SSHD_OBJ := $(SSHD_SRC:%.c=$(OUT)/%.o)
HOST_OBJ := $(HOST_SRC:%.c=$(OUT)/%.o)

.PHONY: all sshd-entry host-agent ask
all: sshd-entry host-agent ask
sshd-entry: $(OUT)/bin/sshd-entry
host-agent: $(OUT)/bin/host-agent
ask: $(OUT)/bin/ask

# Each program is its main.o and an archive of all the rest; tests and fuzzers link the archive. The
# hooks' is one file.
$(OUT)/lib/sshd-entry.a: $(filter-out %/main.o,$(SSHD_OBJ))
$(OUT)/lib/host-agent.a: $(filter-out %/main.o,$(HOST_OBJ))
$(OUT)/lib/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(OUT)/bin/sshd-entry: $(OUT)/sshd-entry/main.o $(OUT)/lib/sshd-entry.a
$(OUT)/bin/host-agent: $(OUT)/host-agent/main.o $(OUT)/lib/host-agent.a
$(OUT)/bin/ask: $(OUT)/hooks/ask.o
$(OUT)/bin/sshd-entry: LIBS = $(sshd_libs_$(LIBSSH))
$(OUT)/bin/host-agent: LIBS = $(call pkg,--libs,$(HOST_PKGS))
$(OUT)/bin/%:
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(all_ldflags) -o $@ $^ $(LIBS)

$(OUT)/sshd-entry/%.o: PKG_CFLAGS = $(call pkg,--cflags,$(SSHD_PKGS)) $(sshd_flags_$(LIBSSH))
$(OUT)/host-agent/%.o: PKG_CFLAGS = -Ihost-agent $(call pkg,--cflags,$(HOST_PKGS))
$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(all_cflags) $(PKG_CFLAGS) -c -o $@ $<

-include $(SSHD_OBJ:.o=.d) $(HOST_OBJ:.o=.d) $(OUT)/hooks/ask.d

# --- Tests: `make check` is tests/run, which makes these first ------------------------------------

UNIT_BIN := $(patsubst %.c,$(OUT)/%,$(wildcard tests/unit/*/test_*.c))
FUZZ_BIN := $(patsubst %.c,$(OUT)/%,$(wildcard tests/fuzz/*/*.c))

.PHONY: unit-programs fuzz-programs
unit-programs: $(UNIT_BIN)
fuzz-programs: $(FUZZ_BIN)

TEST_BUILD = $(CC) $(all_cflags) $(PKG_CFLAGS) -o $@ $< $(filter %.a,$^) $(all_ldflags)
$(OUT)/tests/%: PKG_CFLAGS = $(INC) $(call pkg,--cflags,$(PKGS))
$(OUT)/tests/unit/sshd-entry/% $(OUT)/tests/fuzz/sshd-entry/%: PKGS = $(SSHD_PKGS)
$(OUT)/tests/unit/host-agent/% $(OUT)/tests/fuzz/host-agent/%: PKGS = $(HOST_PKGS)
$(OUT)/tests/unit/host-agent/% $(OUT)/tests/fuzz/host-agent/%: INC = -Ihost-agent

$(OUT)/tests/unit/sshd-entry/%: tests/unit/sshd-entry/%.c $(OUT)/lib/sshd-entry.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(TEST_BUILD) $(sshd_libs_$(LIBSSH)) $(call pkg,--libs,cmocka)
$(OUT)/tests/unit/host-agent/%: tests/unit/host-agent/%.c $(OUT)/lib/host-agent.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(TEST_BUILD) $(call pkg,--libs,$(PKGS) cmocka)
$(OUT)/tests/fuzz/sshd-entry/%: tests/fuzz/sshd-entry/%.c $(OUT)/lib/sshd-entry.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(TEST_BUILD) $(sshd_libs_$(LIBSSH))
$(OUT)/tests/fuzz/host-agent/%: tests/fuzz/host-agent/%.c $(OUT)/lib/host-agent.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(TEST_BUILD) $(call pkg,--libs,$(PKGS))

-include $(UNIT_BIN:=.d) $(FUZZ_BIN:=.d)

# --- The two commands, and the rest ---------------------------------------------------------------

SETUP := host-agent/setup
# Root becomes an unprivileged account, in a copy of the checkout; anybody else stays where they are.
AS_USER = $(SETUP)/as-user --copy . --

.PHONY: up check bench fuzz soak image fmt install uninstall clean help
# By the environment, where no quote in it does harm.
up: export HOST_AGENT_DIR = $(value DIR)
up:
	@$(SETUP)/up
image:
	@$(SETUP)/packages run
	@$(AS_USER) image/build
check:
	@$(SETUP)/packages run build test
	@$(AS_USER) $(if $(LANES),env LANES='$(LANES)') tests/run $(SUITES)
bench:
	@$(SETUP)/packages run build bench
	@$(AS_USER) $(MAKE) --no-print-directory bench-here BENCH='$(BENCH)'
# A longer hunt: `make fuzz FUZZ_SECONDS=3600`.
fuzz:
	@$(SETUP)/packages build test
	@FUZZ_SECONDS=$(or $(FUZZ_SECONDS),300) tests/run fuzz
# Logins with the real ssh, one after another: `make soak SOAK_LOGINS=100000`.
soak:
	@$(SETUP)/packages build test
	@$(MAKE) --no-print-directory sshd-entry
	@SOAK_LOGINS=$(or $(SOAK_LOGINS),10000) tests/soak

.PHONY: bench-here
bench-here:
	@$(MAKE) --no-print-directory all >&2
	@/usr/bin/python3 -B tests/bench $(BENCH)

fmt:
	clang-format -i $(wildcard */*.[ch] host-agent/*/*.[ch] tests/*/*/*.[ch])

MAN := $(wildcard sshd-entry/*.8 host-agent/*.[15])
DATA := Makefile Containerfile .containerignore
share = $(DESTDIR)$(PREFIX)/share
# What a user installs for themselves, systemd looks for in ~/.local/share. RUN_PREFIX is what PREFIX
# is called when all is in its place.
UNITS      := host-agent-notify.service host-agent-image.service
TIMER      := host-agent-image.timer
UNIT_DIR   ?= $(PREFIX)/$(if $(filter $(HOME)/%,$(PREFIX)),share,lib)/systemd/user
RUN_PREFIX ?= $(PREFIX)
# For all to read, whatever the umask, or that of who made the checkout.
install: host-agent
	install -D -m 755 $(OUT)/bin/host-agent $(DESTDIR)$(PREFIX)/bin/host-agent
	rm -rf $(share)/host-agent
	install -d -m 755 $(share)/host-agent
	cp -r $(DATA) sshd-entry hooks image host-agent/setup $(share)/host-agent/
	chmod -R u=rwX,go=rX $(share)/host-agent
	for page in $(MAN); do \
	    install -D -m 644 $$page $(share)/man/man$${page##*.}/$${page##*/} || exit 1; \
	done
	install -d -m 755 $(DESTDIR)$(UNIT_DIR)
	for unit in $(UNITS); do \
	    sed 's|@PREFIX@|$(RUN_PREFIX)|' host-agent/$$unit.in | \
	        install -m 644 /dev/stdin $(DESTDIR)$(UNIT_DIR)/$$unit || exit 1; \
	done
	install -m 644 host-agent/$(TIMER) $(DESTDIR)$(UNIT_DIR)/
	@echo 'Notifications from login on: systemctl --user enable --now $(firstword $(UNITS))'
	@echo 'A new image each night:      systemctl --user enable --now $(TIMER)'
uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/bin/host-agent $(share)/host-agent $(patsubst %,$(DESTDIR)$(UNIT_DIR)/%,$(UNITS) $(TIMER))
	for page in $(MAN); do rm -f $(share)/man/man$${page##*.}/$${page##*/}; done

clean:
	rm -rf build

help:
	@echo 'make up [DIR=.]   install what is missing, build, start the sandbox of DIR, connect'
	@echo 'make image        build the image anew'
	@echo 'make check        every test; SUITES="lint unit fuzz e2e" or the name of an e2e file; LANES=1'
	@echo 'make bench        speed and size beside OpenSSH and Dropbear; BENCH="login bulk", or "--help"'
	@echo 'make fuzz         the fuzzers, for longer: FUZZ_SECONDS=300'
	@echo 'make soak         logins in a row: SOAK_LOGINS=10000'
	@echo 'make install      host-agent, what images are made of, man pages, systemd unit: PREFIX=/usr/local'
	@echo 'make fmt, clean'
