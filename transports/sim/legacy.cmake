target_sources(otadfu_sim_device PRIVATE legacy_boot.c legacy_control.c legacy_data.c legacy_extension.c
	legacy_init.c legacy_production.c legacy_settings.c)
