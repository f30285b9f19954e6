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

ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -fPIC -fvisibility=hidden \
	-Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wno-missing-field-initializers -MMD -MP \
	-Ilib/include -Ilib/src -Iuapi -Ikernel \
	-DCALIPTRA_LINUX_VERSION='"$(VERSION)"' $(CFLAGS)

ifeq ($(V),)
say = @printf '  %-8s%s\n' $(1) $@;
else
say =
endif

# $(call objects,folder): an object for each of its sources
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c))
# $(call programs,folder): a program for each of its sources
programs = $(patsubst %.c,$(BUILD)/%,$(wildcard $(1)/*.c))

LIB_OBJS := $(call objects,lib/src)
ATTEST_OBJS := $(call objects,lib/attest)
CLI_OBJS := $(call objects,tools/caliptra)
SWCALIPTRA_OBJS := $(call objects,tools/swcaliptra)
TESTS := $(call programs,lib/tests) $(call programs,tools/swcaliptra/tests)

LIBS := libcaliptra libcaliptra-attest
LIB_FILES := $(foreach l,$(LIBS),$(BUILD)/$(l).a $(BUILD)/$(l).so.$(SOVERSION) \
	$(BUILD)/$(l).so)
CLI := $(BUILD)/caliptra
SWCALIPTRA := $(BUILD)/swcaliptra

# FW_INFO tells which commit the firmware was built from; zero where nobody knows.
CALIPTRA_REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)

$(BUILD)/%.o: %.c VERSION build.mk
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -c -o $@ $<

$(BUILD)/revision: FORCE
	@mkdir -p $(@D)
	@echo '$(CALIPTRA_REVISION)' | cmp -s - $@ || echo '$(CALIPTRA_REVISION)' >$@

$(BUILD)/tools/swcaliptra/image.o: CPPFLAGS += -DSWCALIPTRA_REVISION='"$(CALIPTRA_REVISION)"'
$(BUILD)/tools/swcaliptra/image.o: $(BUILD)/revision

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
		-L$(BUILD) -lcaliptra-attest -lcaliptra -lcrypto -ljson-c

# with the library inside, so that it runs from wherever it is copied to
$(SWCALIPTRA): $(SWCALIPTRA_OBJS) $(BUILD)/libcaliptra.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcrypto

$(TESTS): %: %.o $(LIB_OBJS) $(ATTEST_OBJS) $(filter-out %/main.o,$(SWCALIPTRA_OBJS))
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -lcrypto
$(TESTS:=.o): CPPFLAGS += -Itools/swcaliptra

-include $(patsubst %.o,%.d,$(LIB_OBJS) $(ATTEST_OBJS) $(CLI_OBJS) $(SWCALIPTRA_OBJS) \
	$(TESTS:=.o))

.PHONY: libs cli swcaliptra tests FORCE
libs: $(LIB_FILES) ; @:
cli: $(CLI) ; @:
swcaliptra: $(SWCALIPTRA) ; @:
tests: $(TESTS) ; @:
FORCE:
.SECONDARY:
