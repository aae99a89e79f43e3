# Tacit. `make help` lists the targets.
# Variations: CC=clang  SAN=address,undefined  BULK_AEAD=mbedtls  COVER=1  CI=1 (warnings are errors)  BUILD=folder
#             OPT='-O3 -mavx2'  ARCH=s390x (or arm64, armhf: after make cross-deps)
.DEFAULT_GOAL := all
comma := ,
SAN       ?=
BULK_AEAD ?= libcrypto
ARCH      :=
OPT       := $(if $(COVER),-O0,-O2)
VARIANT   := $(filter-out gcc cc libcrypto,$(CC) $(BULK_AEAD)) $(subst $(comma), ,$(SAN))
empty     :=
BUILD     ?= build$(if $(ARCH),/cross/$(ARCH))$(if $(strip $(VARIANT)),/$(subst $(empty) $(empty),-,$(strip $(VARIANT))))
PREFIX    ?= /usr/local
SECONDS   ?= 60
SEEDS     ?= 100000
CROSS     ?= s390x arm64 armhf

# Another machine's compiler finds headers and libraries in what cross-deps unpacked, qemu-user what it runs
# (docs/adr/0014).
triplet.s390x := s390x-linux-gnu
triplet.arm64 := aarch64-linux-gnu
triplet.armhf := arm-linux-gnueabihf
ifdef ARCH
triplet  := $(or $(triplet.$(ARCH)),$(error ARCH=$(ARCH): known are $(CROSS)))
sysroot  := $(CURDIR)/build/cross/sysroot/$(ARCH)
override CC := $(triplet)-gcc --sysroot=$(sysroot)
LD       := $(triplet)-ld
EMULATOR := qemu-$(firstword $(subst -, ,$(triplet))) -L $(sysroot)
endif

# ---------------------------------------------------------------------------------------------------------------------
# The one list of Debian packages: to build, to run, to test, to check.
DEPS := gcc make libc6-dev libmosquitto-dev libcbor-dev libmbedtls-dev libssl-dev libsqlite3-dev libcjson-dev \
        libseccomp-dev zlib1g-dev mosquitto mosquitto-clients \
        libtss2-dev libtss2-tcti-device0 libtss2-tcti-swtpm0 swtpm \
        libcmocka-dev clang clang-format libclang-rt-dev llvm binutils universal-ctags python3 python3-numpy

# ---------------------------------------------------------------------------------------------------------------------
# How things are compiled.
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wundef -Wcast-qual -Wformat=2 -Wstrict-prototypes \
        -Wmissing-prototypes $(if $(CI),-Werror)
# Times beyond 2038 and files beyond 2 GiB also where a long has 32 bits.
CPPFLAGS += -D_GNU_SOURCE -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64 -DAEAD_PROVIDER=aead_$(BULK_AEAD) $(if $(SAN)$(filter -O0,$(OPT)),,-D_FORTIFY_SOURCE=2) -MMD -MP
# No contraction of a * b + c: the same bits from every compiler and machine (ARCHITECTURE.md "Exactness").
# The same program from every folder: paths in it begin at the tree's root, whose name says nothing.
# Each function in a section of its own: what a program does not reach is not in it, least of all in the enclave.
CFLAGS   += -std=c11 $(OPT) -g -ffile-prefix-map=$(CURDIR)=. -ffunction-sections -fdata-sections -fPIE -ffp-contract=off -fstack-protector-strong $(WARN) \
            $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer) $(if $(COVER),--coverage)
LDFLAGS  += -pie -Wl,-z,relro,-z,now,--gc-sections $(if $(SAN),-fsanitize=$(SAN))

# ---------------------------------------------------------------------------------------------------------------------
# The dependency rule: a folder finds headers only in itself and in what stands here.
# The libcrypto provider is a part of the program only where the build chooses it; tests hold both to the same vectors.
pure := common/base common/crypto common/wire common/cose common/bind common/cred common/appraise
sees.common/base         :=
sees.common/crypto       := common/base
sees.common/crypto/libcrypto := common/base common/crypto
sees.common/wire         := common/base
sees.common/cose         := common/base common/crypto common/wire
sees.common/bind         := common/base common/crypto common/wire common/cose
sees.common/cred         := common/base common/crypto common/wire common/cose common/bind
sees.common/appraise     := common/base common/crypto common/wire common/cose common/bind common/cred
sees.common/attest       := common/base common/crypto common/wire
sees.common/model        := common/base common/wire
sees.common/os           := common/base common/wire
sees.common/capture      := common/base common/crypto common/wire common/os
sees.node/lib            := $(pure) node/include
sees.node/attest         := $(pure) common/os
sees.node/daemon         := $(pure) common/model common/os common/attest node/include node/attest
sees.node/runner         := common/base
sees.node/packages/dense :=
sees.aggregator/gate     := $(pure)
sees.aggregator/enclave  := $(pure) aggregator/gate
sees.aggregator/withheld := $(pure) aggregator/gate aggregator/enclave
sees.aggregator/escrow   := $(pure) aggregator/gate aggregator/enclave
sees.aggregator/shell    := $(pure) common/attest aggregator/gate aggregator/enclave
sees.aggregator/host     := $(pure) aggregator/gate common/capture common/os
sees.tools/ctl           := $(pure) common/model common/os tools/capture tools/doctor tools/replay
sees.tools/doctor        := $(pure) common/model common/os tools/ctl
sees.tools/capture       := $(pure) common/capture common/os tools/ctl
sees.tools/replay        := $(pure) common/capture common/os common/model aggregator/gate aggregator/enclave tools/ctl
sees.tools/digits        :=
folders := $(patsubst sees.%,%,$(filter sees.%,$(.VARIABLES)))
headers := $(sort $(folders) node/include)

# What each program is made of, and the libraries that its folders need.
pure_linked := $(pure) $(if $(filter libcrypto,$(BULK_AEAD)),common/crypto/libcrypto)
folders.tacit            := tools/ctl tools/capture tools/doctor tools/replay common/capture aggregator/enclave aggregator/withheld aggregator/gate common/model common/os $(pure_linked)
folders.tacit-node       := node/daemon node/attest node/lib common/attest common/model common/os $(pure_linked)
folders.tacit-run        := node/runner common/base
folders.tacit-aggregator := aggregator/host aggregator/gate common/capture common/os $(pure_linked)
folders.tacit-enclave    := aggregator/shell aggregator/enclave aggregator/withheld aggregator/gate common/attest $(pure_linked)
# The same, but that it gives its keys to the owner: for replays of simulated federations. It is not installed.
folders.tacit-enclave-escrow := aggregator/shell aggregator/enclave aggregator/escrow aggregator/gate common/attest $(pure_linked)
programs := $(patsubst folders.%,%,$(filter folders.%,$(.VARIABLES)))

libs.crypto := -lmbedx509 -lmbedcrypto $(if $(filter libcrypto,$(BULK_AEAD)),-lcrypto)
libs.pure   := $(libs.crypto) -lcbor
libs.os     := -lmosquitto -lsqlite3
libs.tpm    := -ltss2-esys -ltss2-tctildr -ltss2-mu -ltss2-rc
libs.tacit            := $(libs.os) -lcjson $(libs.pure) -lm
libs.tacit-node       := $(libs.os) -lcjson $(libs.tpm) $(libs.pure) -lm
libs.tacit-run        := -lseccomp
libs.tacit-aggregator := $(libs.os) $(libs.pure)
libs.tacit-enclave    := -lseccomp $(libs.pure)
libs.tacit-enclave-escrow := $(libs.tacit-enclave)
libs.test             := $(libs.os) $(libs.tpm) -lcjson -lmbedx509 -lmbedcrypto -lcrypto -lcbor -lseccomp -lz -lm -lcmocka

# ---------------------------------------------------------------------------------------------------------------------
objects   = $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard $(addsuffix /*.c,$(1)))))
includes  = $(addprefix -I,$(1) $(sees.$(1)))
mains    := $(wildcard $(addsuffix /main.c,$(folders)))
binaries := $(addprefix $(BUILD)/bin/,$(programs))
dense    := $(BUILD)/packages/dense
digits   := $(BUILD)/bin/digits

all: $(binaries) $(dense)/package.conf $(digits) $(BUILD)/lib/libtacit-node.a $(BUILD)/lib/libtacit-node.so ## build everything

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(call includes,$(patsubst %/,%,$(dir $<))) -c $< -o $@

# The sum is what an aggregator does all day.
$(BUILD)/aggregator/enclave/accumulator.o: CFLAGS += $(if $(filter -O2,$(OPT)),-O3)

# The library is loaded into other programs, so its objects are position independent.
$(BUILD)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(filter-out -fPIE,$(CFLAGS)) -fPIC -fvisibility=hidden $(call includes,$(patsubst %/,%,$(dir $<))) -c $< -o $@

.SECONDEXPANSION:
$(binaries): $(BUILD)/bin/%: $$(call objects,$$(folders.%))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -Wl,--as-needed $(libs.$*) -o $@

library := $(patsubst $(BUILD)/%,$(BUILD)/pic/%,$(call objects,node/lib $(pure_linked)))
# Only the names of tacit_node.h leave the library; ours would clash with a program's own.
$(BUILD)/lib/libtacit-node.a: $(library)
	@mkdir -p $(@D)
	$(LD) -r $^ -o $(@D)/tacit-node.o
	objcopy --wildcard --keep-global-symbol='tacit_*' $(@D)/tacit-node.o
	rm -f $@ && $(AR) qcsD $@ $(@D)/tacit-node.o
$(BUILD)/lib/libtacit-node.so: $(library)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -shared -Wl,-soname,libtacit-node.so.1 $(filter-out -pie,$(LDFLAGS)) $^ -Wl,--as-needed $(libs.pure) -o $@

# The reference package: one program that knows by which name it was called.
$(dense)/dense: $(call objects,node/packages/dense)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lz -lm -o $@
$(dense)/package.conf: node/packages/dense/package.conf $(dense)/dense
	for name in init train validate predict; do ln -sf dense $(dense)/$$name; done
	cp $< $@
$(digits): $(call objects,tools/digits)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

# ---------------------------------------------------------------------------------------------------------------------
# Tests. A unit test sees what the folder it mirrors sees, then (test/support shows whole federations) the rest. It
# links an archive, so that a double defined in the test takes the place of the real step.
$(BUILD)/tacit.a: $(filter-out $(mains:%.c=$(BUILD)/%.o),$(call objects,$(filter-out tools/digits aggregator/escrow,$(folders))))
	rm -f $@ && $(AR) qcsD $@ $^

$(BUILD)/support.a: $(call objects,test/support)
	rm -f $@ && $(AR) qcsD $@ $^

support  := $(BUILD)/support.a
# The kernel's and Gramine's attestation files, played: linked into tests that attest, preloaded into programs.
standin  := $(BUILD)/test/standin/tee_standin.so
# Preloaded into programs: files that cannot be written. What is preloaded defines both of pwrite and pwrite64.
preloaded = $(filter-out -D_FORTIFY_SOURCE=2 -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64,$(CPPFLAGS)) -std=c11 -O2 -g $(WARN) -fPIC -shared
shim     := $(BUILD)/test/faults/fault_shim.so
mirrored  = $(patsubst test/unit/%/,%,$(dir $<))
units    := $(patsubst %.c,$(BUILD)/%,$(wildcard test/unit/*/*_test.c test/unit/*/*/*_test.c test/unit/*/*/*/*_test.c))
fuzzers  := $(patsubst %.c,$(BUILD)/%,$(wildcard test/fuzz/*_fuzz.c))
benches  := $(patsubst %.c,$(BUILD)/%,$(wildcard test/bench/*_bench.c))
checks   := $(patsubst %.c,$(BUILD)/%,$(wildcard test/integration/*_check.c))
scripts  := $(wildcard test/integration/*_test.sh)
every    := $(addprefix -I,$(headers) test/support)

$(BUILD)/test/support/%.o: test/support/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(every) -c $< -o $@
$(standin): test/standin/tee_standin.c
	@mkdir -p $(@D)
	$(CC) $(preloaded) -Itest/standin $< -o $@
$(filter $(BUILD)/test/unit/common/attest/% %_evidence_test,$(units)): $(standin)
# In the place of aggregator/withheld, which the archive has.
$(filter $(BUILD)/test/unit/aggregator/escrow/%,$(units)): $(call objects,aggregator/escrow)
$(units): $(BUILD)/%: %.c $(support) $(BUILD)/tacit.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(call includes,$(mirrored)) -Itest/support -Itest/standin $(every) $< $(filter %.o,$^) $(support) $(BUILD)/tacit.a $(filter %.so,$^) $(libs.test) -o $@
$(benches) $(checks): $(BUILD)/%: %.c $(support) $(BUILD)/tacit.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(every) $< $(support) $(BUILD)/tacit.a $(libs.test) -o $@
# The simulation: the programs' own parts, but for P-256, which is libcrypto's here (test/sim/p256_libcrypto.c).
sim := $(BUILD)/bin/tacit-sim
$(BUILD)/test/sim/%.o: test/sim/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Itest/sim $(every) -c $< -o $@
$(sim): $(call objects,test/sim) $(support) $(BUILD)/tacit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(libs.test) -o $@
# Sequences of calls: as in the simulation, what costs is not what is looked at.
$(addprefix $(BUILD)/test/fuzz/,gate_calls_fuzz host_messages_fuzz node_events_fuzz): $(BUILD)/test/sim/p256_libcrypto.o
$(fuzzers): $(BUILD)/%: %.c $(support) $(BUILD)/tacit.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(FUZZ_ENGINE) $(every) $(filter %.c %.o,$^) $(support) $(BUILD)/tacit.a $(libs.test) -o $@

test: all $(units) $(checks) $(standin) $(shim) $(sim) ## unit and integration tests, 2000 seeds of the simulation (TESTS='pattern' picks by name)
	@BUILD=$(BUILD) test/run $(units) $(sim) $(scripts)

unit: $(units) ## unit tests only: seconds, no network
	@BUILD=$(BUILD) EMULATOR='$(EMULATOR)' test/run $(units)

sim: $(sim) ## the simulation from seed 1 to SEEDS; tacit-sim --seed N --trace shows one
	@$(sim) --seeds 1-$(SEEDS)

$(shim): test/faults/fault_shim.c
	@mkdir -p $(@D)
	$(CC) $(preloaded) $< -o $@

faults: all $(shim) ## kills, cut links, forgetful brokers, full disks on real processes (NODES= ROUNDS= KILLS= SEED= KEEP=)
	@BUILD=$(BUILD) NODES='$(NODES)' ROUNDS='$(ROUNDS)' KILLS='$(KILLS)' SEED='$(SEED)' KEEP='$(KEEP)' test/faults/run

coverage: SEEDS := 300
coverage: ## what unit tests and SEEDS of the simulation reach: lines and branches, with floors (about two minutes)
	+@$(MAKE) -s --no-print-directory CC=gcc BUILD=build/coverage COVER=1 SEEDS=$(SEEDS) covered
covered: $(units) $(sim) $(mains:%.c=$(BUILD)/%.o)
	@find $(BUILD) -name '*.gcda' -delete
	@BUILD=$(BUILD) test/run $(units) >$(BUILD)/units.log || { cat $(BUILD)/units.log; exit 1; }
	@$(sim) --seeds 1-$(SEEDS) >$(BUILD)/sim.log || { cat $(BUILD)/sim.log; exit 1; }
	@test/coverage $(BUILD)

demo: all ## a whole federation: own broker, aggregator, nodes, real training (DATA= NODES= ROUNDS= KEEP= TPM=1)
	@BUILD=$(BUILD) DATA='$(DATA)' NODES='$(NODES)' ROUNDS='$(ROUNDS)' KEEP='$(KEEP)' TPM='$(TPM)' tools/demo/demo

measure: $(BUILD)/bin/tacit-enclave ## what stands in policies and evidence about tacit-enclave, as far as it is known here
	@CC='$(CC)' aggregator/tee/measure $< $(BULK_AEAD)

bench: all $(benches) ## measure: a BENCH line for each case
	@for bench in $(benches); do BUILD=$(BUILD) $$bench || exit 1; done

fuzz: ## every decoder under libFuzzer and sanitizers for SECONDS each
	+$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined BUILD=build/fuzz FUZZ_ENGINE=-fsanitize=fuzzer fuzzers
	@SECONDS_EACH=$(SECONDS) test/fuzz/run build/fuzz

fuzzers: $(fuzzers)

# ---------------------------------------------------------------------------------------------------------------------
# What keeps the shape.
$(BUILD)/enclave.o: $(call objects,aggregator/enclave aggregator/withheld aggregator/gate $(pure_linked))
	$(LD) -r $^ -o $@

layers: $(BUILD)/enclave.o ## the enclave calls nothing outside its list; no include climbs out of its folder
	@nm -u $< | awk '{print $$2}' | LC_ALL=C sort | diff -u aggregator/enclave/imports.txt - && echo "layers: the enclave's imports are the listed ones"
	@! grep -rnE '#include "\.\./' $(headers) test || { echo "layers: an include climbs out of its folder"; exit 1; }

sources := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
format: ## lay out all sources
	clang-format -i $(sources)
format-check:
	clang-format --dry-run -Werror $(sources)

check: ## all that CI runs besides the tests: both compilers, sanitizers, layers, format, sizes, a short fuzz
	test/check

install: all ## programs, library, header, package, broker configuration (DESTDIR= PREFIX=)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include \
	    $(DESTDIR)$(PREFIX)/lib/tacit/packages/dense $(DESTDIR)$(PREFIX)/share/tacit/broker-config \
	    $(DESTDIR)$(PREFIX)/share/tacit/tee
	install -m 755 $(filter-out %-escrow,$(binaries)) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(BUILD)/lib/libtacit-node.a $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(BUILD)/lib/libtacit-node.so $(DESTDIR)$(PREFIX)/lib/libtacit-node.so.1
	ln -sf libtacit-node.so.1 $(DESTDIR)$(PREFIX)/lib/libtacit-node.so
	install -m 644 node/include/tacit_node.h $(DESTDIR)$(PREFIX)/include
	cp -P $(dense)/* $(DESTDIR)$(PREFIX)/lib/tacit/packages/dense
	install -m 644 $(wildcard broker-config/*) $(DESTDIR)$(PREFIX)/share/tacit/broker-config
	install -m 644 $(addprefix aggregator/tee/,README.md tacit-enclave.manifest.template tacit-enclave.service) \
	    $(DESTDIR)$(PREFIX)/share/tacit/tee
	install -m 755 aggregator/tee/check-manifest $(DESTDIR)$(PREFIX)/share/tacit/tee

deps: ## install the Debian packages that are missing (as root or through sudo)
	@missing=; for package in $(DEPS); do \
	    dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then echo "deps: nothing is missing"; exit 0; fi; \
	echo "deps: installing$$missing"; as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	$$as_root apt-get update -q && \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing

# Its compilers and qemu-user are installed, the libraries of DEPS for each are unpacked.
cross-deps: ## install what cross-check needs (CROSS='s390x arm64 armhf')
	@$(MAKE) -s deps DEPS='qemu-user $(foreach arch,$(CROSS),gcc-$(triplet.$(arch)))'
	@for arch in $(CROSS); do \
	    test/cross/sysroot build/cross/sysroot/$$arch $$arch $(filter-out libclang%,$(filter %-dev,$(DEPS))) || exit 1; done

cross-check: ## the same bits from gcc and clang, each level, with and without AVX, and on CROSS='s390x arm64 armhf'
	@CI= test/cross/check $(CROSS)

print-%: ## what a variable of this file comes to
	@echo '$($*)'

clean: ## forget build/
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: all test unit sim faults coverage covered demo measure bench fuzz fuzzers layers format format-check check cross-check install deps \
        cross-deps clean help
.SECONDARY:
-include $(shell find $(BUILD) -path $(BUILD)/cross -prune -o -name '*.d' -print 2>/dev/null)
