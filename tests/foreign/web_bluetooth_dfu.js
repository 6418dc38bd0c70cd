'use strict';
// web-bluetooth-dfu updates a device: BRIDGE SCENARIO INIT_PACKET IMAGE BUTTONLESS

const { readFile } = require('fs/promises');
const crc32 = require('crc-32');
const SecureDfu = require('web-bluetooth-dfu');
const { Bridge } = require('./bridge');
const { Bluetooth } = require('./web_bluetooth');

const EXPERIMENTAL = '8e400001-f315-4f60-9fb8-838830daea50';

// What the client must be told of the way into the bootloader; none: the device is there already.
const WAYS = {
	none: null,
	experimental: { service: EXPERIMENTAL, button: EXPERIMENTAL },
	unbonded: {},
};

async function arrayBufferOf(path) {
	return Uint8Array.from(await readFile(path)).buffer;
}

async function main(program, scenario, initPath, imagePath, buttonless) {
	const bridge = new Bridge(program, scenario);
	const dfu = new SecureDfu(crc32.buf, new Bluetooth(bridge));
	const way = WAYS[buttonless];

	dfu.addEventListener(SecureDfu.EVENT_LOG, ({ message }) => console.log(message));
	if (way) await dfu.requestDevice(true, null, way);
	await dfu.update(await dfu.requestDevice(false), await arrayBufferOf(initPath),
		await arrayBufferOf(imagePath));
	await bridge.close();
}

main(...process.argv.slice(2)).catch(error => {
	console.error(error);
	process.exit(1);
});
