# After one of automake's Makefiles: what its programs and libraries are made
# of, and with which flags each. Read by clang.mjs.
lint-flags:
	@:$(foreach target,$(patsubst %_SOURCES,%,$(filter %_SOURCES,$(.VARIABLES))),\
		$(if $($(target)_OBJECTS),$(info \
		sources: $(filter %.c,$($(target)_SOURCES)) \
		flags: $(DEFS) $(DEFAULT_INCLUDES) $(or $($(target)_CPPFLAGS),$(AM_CPPFLAGS)) $(AM_CFLAGS))))
