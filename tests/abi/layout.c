/*
 * The binary layout of ABI 1.0, member by member, as compiled code on 64-bit machines relies on it.
 * Compiling this file is the test, in C and in C++. A line here changes never; a new member adds
 * one, and moves the SIZE line of its struct.
 */
#include <assert.h>
#include <otadfu/plugin.h>

#if UINTPTR_MAX == UINT64_MAX

#define AT(type, member, offset)                                                                   \
	static_assert(offsetof(struct otadfu_##type, member) == (offset), #type "." #member)
/* No padding after the last member: what a newer struct puts there would be an older one's rubbish.
 */
#define SIZE(type, last, size)                                                                     \
	static_assert(sizeof(struct otadfu_##type) == (size) &&                                    \
			      offsetof(struct otadfu_##type, last) +                               \
					      sizeof(((struct otadfu_##type *)0)->last) ==         \
				      (size),                                                      \
		      #type)

AT(uuid, bytes, 0);
SIZE(uuid, bytes, 16);

AT(addr, bytes, 0);
AT(addr, type, 6);
AT(addr, reserved, 7);
SIZE(addr, reserved, 8);

AT(chr, service, 0);
AT(chr, uuid, 16);
AT(chr, id, 32);
AT(chr, props, 34);
AT(chr, reserved, 36);
SIZE(chr, reserved, 40);

AT(advert, size, 0);
AT(advert, flags, 4);
AT(advert, addr, 8);
AT(advert, rssi_dbm, 16);
AT(advert, data_len, 18);
AT(advert, data, 24);
SIZE(advert, data, 32);

AT(link_params, size, 0);
AT(link_params, interval_us, 4);
AT(link_params, supervision_ms, 8);
AT(link_params, latency, 12);
AT(link_params, tx_octets, 14);
AT(link_params, tx_phy, 16);
AT(link_params, encrypted, 17);
AT(link_params, reserved, 18);
SIZE(link_params, reserved, 20);

AT(event, size, 0);
AT(event, kind, 4);
AT(event, code, 8);
AT(event, reserved, 12);
AT(event, done, 16);
AT(event, total, 24);
AT(event, text, 32);
SIZE(event, text, 40);

AT(host, size, 0);
AT(host, abi_version, 4);
AT(host, log, 8);
AT(host, fail, 16);
AT(host, detail, 24);
AT(host, event, 32);
AT(host, now_ms, 40);
AT(host, sleep_ms, 48);
AT(host, use_virtual_clock, 56);
AT(host, cancel_fd, 64);
AT(host, option_str, 72);
AT(host, option_int, 80);
SIZE(host, option_int, 88);

AT(gatt, size, 0);
AT(gatt, reserved, 4);
AT(gatt, find, 8);
AT(gatt, list, 16);
AT(gatt, caps, 24);
AT(gatt, max_write, 32);
AT(gatt, read, 40);
AT(gatt, write, 48);
AT(gatt, write_cmd, 56);
AT(gatt, subscribe, 64);
AT(gatt, wait, 72);
AT(gatt, wait_gone, 80);
AT(gatt, secure, 88);
AT(gatt, tune, 96);
SIZE(gatt, tune, 104);

AT(ctx, size, 0);
AT(ctx, reserved, 4);
AT(ctx, host, 8);
AT(ctx, gatt, 16);
AT(ctx, memo, 24);
SIZE(ctx, memo, 32);

AT(option, size, 0);
AT(option, kind, 4);
AT(option, key, 8);
AT(option, help, 16);
AT(option, fallback, 24);
AT(option, choices, 32);
AT(option, min, 40);
AT(option, max, 48);
SIZE(option, max, 56);

AT(link_ops, size, 0);
AT(link_ops, reserved, 4);
AT(link_ops, discover, 8);
AT(link_ops, mtu, 16);
AT(link_ops, read, 24);
AT(link_ops, write, 32);
AT(link_ops, write_cmd, 40);
AT(link_ops, subscribe, 48);
AT(link_ops, wait, 56);
AT(link_ops, wait_gone, 64);
AT(link_ops, disconnect, 72);
AT(link_ops, secure, 80);
AT(link_ops, tune, 88);
SIZE(link_ops, tune, 96);

AT(transport_ops, size, 0);
AT(transport_ops, caps, 4);
AT(transport_ops, name, 8);
AT(transport_ops, summary, 16);
AT(transport_ops, options, 24);
AT(transport_ops, link, 32);
AT(transport_ops, open, 40);
AT(transport_ops, close, 48);
AT(transport_ops, connect, 56);
AT(transport_ops, scan, 64);
AT(transport_ops, forget, 72);
AT(transport_ops, connect_first, 80);
AT(transport_ops, examine, 88);
SIZE(transport_ops, examine, 96);

AT(finding, size, 0);
AT(finding, kind, 4);
AT(finding, subject, 8);
AT(finding, text, 16);
AT(finding, remedy, 24);
SIZE(finding, remedy, 32);

AT(probe, size, 0);
AT(probe, score, 4);
AT(probe, mode, 8);
AT(probe, version, 12);
SIZE(probe, version, 16);

AT(next, size, 0);
AT(next, match, 4);
AT(next, mode, 8);
AT(next, not_before_ms, 12);
AT(next, within_ms, 16);
AT(next, flags, 20);
AT(next, name, 24);
SIZE(next, name, 56);

AT(image, size, 0);
AT(image, kind, 4);
AT(image, init, 8);
AT(image, init_len, 16);
AT(image, data, 24);
AT(image, data_len, 32);
AT(image, sd_len, 40);
AT(image, bl_len, 44);
SIZE(image, bl_len, 48);

AT(protocol_ops, size, 0);
AT(protocol_ops, caps, 4);
AT(protocol_ops, memo_size, 8);
AT(protocol_ops, reserved, 12);
AT(protocol_ops, name, 16);
AT(protocol_ops, summary, 24);
AT(protocol_ops, options, 32);
AT(protocol_ops, probe, 40);
AT(protocol_ops, enter_bootloader, 48);
AT(protocol_ops, update, 56);
AT(protocol_ops, abort, 64);
AT(protocol_ops, recognise, 72);
SIZE(protocol_ops, recognise, 80);

AT(plugin, magic, 0);
AT(plugin, abi_version, 4);
AT(plugin, size, 8);
AT(plugin, reserved, 12);
AT(plugin, name, 16);
AT(plugin, version, 24);
AT(plugin, vendor, 32);
AT(plugin, transports, 40);
AT(plugin, protocols, 48);
SIZE(plugin, protocols, 56);

#endif

/* The numbers that stand in compiled plugins. */
static_assert(OTADFU_PLUGIN_MAGIC == 0x5546444f, "magic");
static_assert(OTADFU_E_ATT == -18 && OTADFU_E_INVALID == -1, "codes are appended, never moved");
static_assert(OTADFU_IMAGE_EXTERNAL_APP == 5, "kinds of image");
static_assert(OTADFU_PHASE_ACTIVATE == 4 && OTADFU_EV_NOTE == 3, "events");
static_assert(OTADFU_OPT_CHOICE == 4, "kinds of option");
static_assert(OTADFU_FINDING_HINDRANCE == 2, "kinds of finding");
static_assert(OTADFU_LOG_TRACE == 4, "levels");
