# SPDX-License-Identifier: GPL-2.0-or-later
# Every task has one target; "make help" lists them.

.PHONY: all
all:

include build.mk

ENTER := tools/vm/enter.sh
VM_MAKE := $(MAKE) --no-print-directory -f tools/vm/vm.mk
WITH_LOCK := flock --nonblock build/lock true || echo "waiting for another make to build"; \
	exec flock build/lock "$$@"
export CALIPTRA_REVISION

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/caliptra
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR ?= $(DATADIR)/zsh/site-functions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d
UNITDIR ?= $(PREFIX)/lib/systemd/system

.PHONY: help
help:
	@echo 'Without installing anything by hand:'
	@echo '  demo     boot a machine with a Caliptra and show it at work'
	@echo '  shell    the same machine, with a prompt; KERNEL=debug for the debug kernel, KERNEL=builtin for one with the driver in it'
	@echo '  check    run every test'
	@echo '  matrix   the driver on every kernel and architecture; takes long the first time'
	@echo '  bench    measure the driver, and swcaliptra and IMA beside swtpm; tables and build/bench.json'
	@echo '  soak     kill swcaliptra at work, CALIPTRA_SOAK=1000000 commands with faults, then a fuzzer of system calls; an hour or more'
	@echo '  lint     check the sources'
	@echo '  fuzz     look for messages that break the library, and for commands that break swcaliptra; CALIPTRA_FUZZ_TIME=600 seconds each'
	@echo
	@echo 'For this machine, with its own compiler, OpenSSL 3.5, json-c, libnl, tpm2-tss, and Python with yaml and jsonschema:'
	@echo '  all      build the libraries and tools (default)'
	@echo '  install  install them; DESTDIR=, PREFIX=$(PREFIX)'
	@echo '  clean    remove what was built'
	@echo '  graft    put the driver into a kernel'"'"'s source; KSRC=DIR'
	@echo '  The driver: make -C kernel help'

all: libs cli swcaliptra

.PHONY: demo shell check matrix bench soak lint fuzz
demo shell check matrix bench soak lint fuzz:
	+@mkdir -p build && $(ENTER) sh -c '$(WITH_LOCK)' sh $(VM_MAKE) build-$@
	+@$(ENTER) $(VM_MAKE) $@

# The kernel that sees the driver's mistakes, in the user's cache folder.
.PHONY: debug-kernel
debug-kernel:
	@tools/vm/kernel.sh debug >/dev/null
check soak: debug-kernel
# The same with the driver in it, as it is here.
.PHONY: builtin-kernel
builtin-kernel: debug-kernel
	+@mkdir -p build && $(ENTER) sh -c '$(WITH_LOCK)' sh $(VM_MAKE) gen
	@tools/vm/kernel.sh builtin >/dev/null
check bench: builtin-kernel
.PHONY: matrix-kernels
matrix-kernels: debug-kernel
	@for k in x86_64-6.1 x86_64-6.12 x86_64-newest riscv64-6.1 riscv64-6.12 riscv64-newest; do \
		tools/vm/kernel.sh $$k >/dev/null || exit; done
matrix: matrix-kernels
ifneq ($(filter debug builtin,$(KERNEL)),)
shell: $(KERNEL)-kernel
endif

.PHONY: graft
graft: gen
	@tools/graft.sh '$(KSRC)'

.PHONY: install
install: all
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR)/pkgconfig $(INCLUDEDIR)/caliptra \
		$(INCLUDEDIR)/linux $(MANDIR)/man1 $(MANDIR)/man3 $(MANDIR)/man7 $(DOCDIR) \
		$(BASHDIR) $(ZSHDIR) $(FISHDIR) $(UNITDIR))
	install -m 755 $(CLI) $(SWCALIPTRA) $(DESTDIR)$(BINDIR)
	install -m 644 $(LIBS:%=$(BUILD)/%.a) $(DESTDIR)$(LIBDIR)
	install -m 755 $(LIBS:%=$(BUILD)/%.so.$(SOVERSION)) $(DESTDIR)$(LIBDIR)
	umask 022 && for l in $(LIBS); do \
		ln -sf $$l.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/$$l.so || exit; \
		sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
			-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' \
			lib/$$l.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/$$l.pc || exit; \
	done
	install -m 644 lib/include/caliptra/* $(GEN_HEADERS) $(DESTDIR)$(INCLUDEDIR)/caliptra
	install -m 644 uapi/linux/*.h $(DESTDIR)$(INCLUDEDIR)/linux
	install -m 644 $(GEN)/man/man1/*.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(GEN)/man/man3/*.3 $(DESTDIR)$(MANDIR)/man3
	install -m 644 $(GEN)/man/man7/*.7 $(DESTDIR)$(MANDIR)/man7
	install -m 644 $(GEN)/doc/*.rst $(DESTDIR)$(DOCDIR)
	install -m 644 $(GEN)/completion/caliptra.bash $(DESTDIR)$(BASHDIR)/caliptra
	install -m 644 $(GEN)/completion/_caliptra $(DESTDIR)$(ZSHDIR)
	install -m 644 $(GEN)/completion/caliptra.fish $(DESTDIR)$(FISHDIR)
	umask 022 && sed -e 's|@BINDIR@|$(BINDIR)|' tools/caliptra/caliptra-ima-relay.service.in \
		>$(DESTDIR)$(UNITDIR)/caliptra-ima-relay.service

.PHONY: clean
clean:
	rm -rf build
