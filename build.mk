# SPDX-License-Identifier: GPL-2.0-or-later
# How the libraries, tools and their tests are compiled for one machine: the one that CC
# and CROSS_COMPILE name. Everything goes below BUILD. V=1 shows the commands.

BUILD ?= build
CC := $(CROSS_COMPILE)gcc
AR := $(CROSS_COMPILE)ar
OBJCOPY := $(CROSS_COMPILE)objcopy
VERSION := $(shell cat VERSION)
SOVERSION := 0
CFLAGS ?= -O2 -g
NL_CFLAGS ?= -isystem /usr/include/libnl3

ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -fPIC -fvisibility=hidden \
	-Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wno-missing-field-initializers -MMD -MP \
	-Ilib/include -I$(GEN)/include -Ilib/src -I$(GEN)/lib -Iuapi -Ikernel \
	-I$(GEN)/swcaliptra \
	$(NL_CFLAGS) -DCALIPTRA_LINUX_VERSION='"$(VERSION)"' $(CFLAGS)

ifeq ($(V),)
say = @printf '  %-8s%s\n' $(1) $@;
else
say =
endif

# $(call objects,folder): an object for each of its sources
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
# $(call programs,folder): a program for each of its sources
programs = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)/*.c))

# What is made from the tables of commands is the same for every machine.
GEN ?= $(BUILD)/gen
TABLES := Documentation/commands
FAMILIES := core mci vdm dpe
GEN_SOURCES := $(GEN)/lib/tables.c $(GEN)/lib/errors.c $(GEN)/lib/wire_asserts.c \
	$(FAMILIES:%=$(GEN)/lib/commands_%.c)
GEN_HEADERS := $(FAMILIES:%=$(GEN)/include/caliptra/%.h) $(GEN)/include/caliptra/fw_errors.def

LIB_OBJS := $(call objects,lib/src) $(GEN_SOURCES:%.c=$(BUILD)/%.o)
ATTEST_OBJS := $(call objects,lib/attest)
CLI_OBJS := $(call objects,tools/caliptra) $(BUILD)/$(GEN)/cli/docs.o
SWCALIPTRA_OBJS := $(call objects,tools/swcaliptra) $(BUILD)/$(GEN)/swcaliptra/handlers.o
TESTS := $(call programs,lib/tests) $(call programs,tools/swcaliptra/tests)
CLI_TESTS := $(call programs,tools/caliptra/tests)

LIBS := libcaliptra libcaliptra-attest
LIB_FILES := $(foreach l,$(LIBS),$(BUILD)/$(l).a $(BUILD)/$(l).so.$(SOVERSION) \
	$(BUILD)/$(l).so)
CLI := $(BUILD)/caliptra
SWCALIPTRA_LIBS := -lcrypto -ltss2-esys -ltss2-rc -ltss2-tctildr
CLI_LIBS := -ljson-c -lnl-genl-3 -lnl-3
SWCALIPTRA := $(BUILD)/swcaliptra

# FW_INFO tells which commit the firmware was built from, the last one to change it; zero
# where nobody knows.
ifndef CALIPTRA_REVISION
CALIPTRA_REVISION := $(shell git log -1 --format=%H -- $(TABLES) tools/gen tools/swcaliptra lib uapi 'kernel/*.h' \
	build.mk ':!*/tests/*' 2>/dev/null)
endif

# Whatever is missing is made again. The stamp is as old as the beginning of the run, so
# that what was edited meanwhile is not missed.
MADE_HEADERS := $(GEN_HEADERS) $(GEN)/lib/command_index.h $(GEN)/swcaliptra/handlers.h \
	$(GEN)/kernel/core-commands.h $(GEN)/kernel/mci-commands.h $(GEN)/kernel/api-commands.h
MADE_SOURCES := $(GEN_SOURCES) $(GEN)/swcaliptra/handlers.c $(GEN)/cli/docs.c
MISSING := $(filter-out $(wildcard $(MADE_HEADERS) $(MADE_SOURCES)),$(MADE_HEADERS) $(MADE_SOURCES))

.PHONY: gen
gen: $(GEN)/stamp
$(GEN)/stamp: $(if $(MISSING),FORCE)
$(GEN)/stamp: $(wildcard $(TABLES)/*.yaml tools/gen/*.py tools/gen/completion/*)
	@command -v python3 >/dev/null || { echo "There is no python3; install it, with its modules yaml and jsonschema" >&2; exit 1; }
	@mkdir -p $(@D) && touch $@.new
	$(call say,GEN)python3 -B tools/gen/gen.py $(TABLES) $(GEN) && mv $@.new $@
$(MADE_SOURCES) $(MADE_HEADERS): $(GEN)/stamp ;

$(BUILD)/%.o: %.c VERSION build.mk | $(GEN)/stamp
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -c -o $@ $<

# swcaliptra is compiled as a whole, where the compiler and linker can: a short command goes
# through many small functions.
LTO = $(eval LTO := $$(shell echo 'int main(void){return 0;}' | \
	$(CC) -flto=auto -x c - -o /dev/null 2>/dev/null && echo -flto=auto))$(LTO)
SWCALIPTRA_PARTS := $(patsubst $(BUILD)/%,$(BUILD)/whole/%,$(SWCALIPTRA_OBJS) $(LIB_OBJS))

# What one compiler has made of it is nothing to another one.
$(BUILD)/compiler: FORCE
	@mkdir -p $(@D)
	@echo "$$($(CC) --version | head -n 1) $(LTO)" >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# else no two builds make the same bytes
$(BUILD)/whole/%.o: %.c VERSION build.mk $(BUILD)/compiler | $(GEN)/stamp
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) $(LTO) -frandom-seed=$< $(CPPFLAGS) -c -o $@ $<

$(BUILD)/revision: FORCE
	@mkdir -p $(@D)
	@echo '$(CALIPTRA_REVISION)' | cmp -s - $@ || echo '$(CALIPTRA_REVISION)' >$@

IMAGE_OBJS := $(BUILD)/tools/swcaliptra/image.o $(BUILD)/whole/tools/swcaliptra/image.o
$(IMAGE_OBJS): CPPFLAGS += -DSWCALIPTRA_REVISION='"$(CALIPTRA_REVISION)"'
$(IMAGE_OBJS): $(BUILD)/revision

# One object, in which what is not public is nobody else's to link with.
$(BUILD)/libcaliptra.a: $(LIB_OBJS)
$(BUILD)/libcaliptra-attest.a: $(ATTEST_OBJS)
$(BUILD)/%.a:
	$(call say,AR)rm -f $@ && $(CC) -r -nostdlib -o $(@:.a=.o) $^ && \
		$(OBJCOPY) --localize-hidden $(@:.a=.o) && $(AR) rcsD $@ $(@:.a=.o)

$(BUILD)/libcaliptra.so.$(SOVERSION): $(LIB_OBJS) lib/libcaliptra.map
$(BUILD)/libcaliptra-attest.so.$(SOVERSION): $(ATTEST_OBJS) lib/libcaliptra-attest.map \
	$(BUILD)/libcaliptra.so
$(BUILD)/libcaliptra-attest.so.$(SOVERSION): private LDLIBS = -L$(BUILD) -lcaliptra -lcrypto
$(BUILD)/%.so.$(SOVERSION):
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,-z,defs \
		-Wl,--version-script,lib/$*.map -o $@ $(filter %.o,$^) $(LDLIBS)

$(BUILD)/%.so: $(BUILD)/%.so.$(SOVERSION)
	@ln -sf $(<F) $@

$(CLI): $(CLI_OBJS) $(BUILD)/libcaliptra-attest.so $(BUILD)/libcaliptra.so
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(CLI_OBJS) \
		-L$(BUILD) -lcaliptra-attest -lcaliptra -lcrypto $(CLI_LIBS)

# with the library inside, so that it runs from wherever it is copied to
$(SWCALIPTRA): $(SWCALIPTRA_PARTS)
	$(call say,LD)$(CC) $(CFLAGS) $(LTO) $(LDFLAGS) -o $@ $^ $(SWCALIPTRA_LIBS)

$(TESTS): %: %.o $(LIB_OBJS) $(ATTEST_OBJS) $(filter-out %/main.o,$(SWCALIPTRA_OBJS))
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(SWCALIPTRA_LIBS)
$(CLI_TESTS): %: %.o $(LIB_OBJS) $(ATTEST_OBJS) $(filter-out %/main.o,$(CLI_OBJS))
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -lcrypto $(CLI_LIBS)
$(BUILD)/$(GEN)/cli/docs.o $(CLI_TESTS:=.o): CPPFLAGS += -Itools/caliptra
$(TESTS:=.o) $(BUILD)/$(GEN)/swcaliptra/handlers.o $(BUILD)/whole/$(GEN)/swcaliptra/handlers.o: \
	CPPFLAGS += -Itools/swcaliptra

# Fuzzers of messages, and of the software device: FAMILY-corpus runs known inputs,
# FAMILY-fuzzer, for which CC has to be clang, looks for new ones.
CORPUS_RUNNERS := $(FAMILIES:%=$(BUILD)/tools/fuzz/%-corpus)
FUZZERS := $(FAMILIES:%=$(BUILD)/tools/fuzz/%-fuzzer)
DEVICE_RUNNER := $(BUILD)/tools/fuzz/device-corpus
DEVICE_FUZZER := $(BUILD)/tools/fuzz/device-fuzzer
DEVICE_FUZZ_OBJ := $(BUILD)/tools/fuzz/device.o
family = CALIPTRA_FAMILY_$(shell echo $(1) | tr a-z A-Z)
$(CORPUS_RUNNERS): $(BUILD)/tools/fuzz/%-corpus: $(BUILD)/tools/fuzz/%-message.o \
		$(BUILD)/tools/fuzz/corpus.o $(LIB_OBJS)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^
$(FUZZERS): $(BUILD)/tools/fuzz/%-fuzzer: $(BUILD)/tools/fuzz/%-message.o $(LIB_OBJS)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^
$(DEVICE_RUNNER) $(DEVICE_FUZZER): $(DEVICE_FUZZ_OBJ) $(LIB_OBJS) $(ATTEST_OBJS) \
		$(filter-out %/main.o,$(SWCALIPTRA_OBJS))
$(DEVICE_RUNNER): $(BUILD)/tools/fuzz/corpus.o
$(DEVICE_FUZZER): private LDFLAGS += -fsanitize=fuzzer
$(DEVICE_RUNNER) $(DEVICE_FUZZER):
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=crypto_random -o $@ $^ -lcmocka $(SWCALIPTRA_LIBS)
$(DEVICE_FUZZ_OBJ): CPPFLAGS += -Itools/swcaliptra
$(BUILD)/tools/fuzz/%-message.o: tools/fuzz/message.c VERSION build.mk | $(GEN)/stamp
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) -DFAMILY=$(call family,$*) -c -o $@ $<

-include $(patsubst %.o,%.d,$(LIB_OBJS) $(ATTEST_OBJS) $(CLI_OBJS) $(SWCALIPTRA_OBJS) $(SWCALIPTRA_PARTS) \
	$(TESTS:=.o) $(CLI_TESTS:=.o) $(FAMILIES:%=$(BUILD)/tools/fuzz/%-message.o) $(DEVICE_FUZZ_OBJ))

.PHONY: libs cli swcaliptra tests fuzzers FORCE
libs: $(LIB_FILES) ; @:
cli: $(CLI) ; @:
swcaliptra: $(SWCALIPTRA) ; @:
fuzzers: $(FUZZERS) $(DEVICE_FUZZER) ; @:
tests: $(TESTS) $(CLI_TESTS) $(CORPUS_RUNNERS) $(DEVICE_RUNNER) ; @:
FORCE:
.SECONDARY:
