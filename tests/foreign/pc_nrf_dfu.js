'use strict';
// pc-nrf-dfu-js updates a device that is in its bootloader: BRIDGE SCENARIO PACKAGE

const Module = require('module');
const { Bridge, advertisedServices } = require('./bridge');
const { Peripheral } = require('./noble');

// The package loads its serial transports, too; their native library is of no use here.
const load = Module._load;
Module._load = (name, ...more) => (name === 'serialport' ? {} : load(name, ...more));
const { DfuOperation, DfuTransportNoble, DfuUpdates } = require('pc-nrf-dfu-js');

const DFU_SERVICE = 0xFE59;

async function main(program, scenario, packagePath) {
	const bridge = new Bridge(program, scenario);
	await bridge.hear(advert => advertisedServices(advert).includes(DFU_SERVICE));
	const transport = new DfuTransportNoble(new Peripheral(bridge));
	await new DfuOperation(await DfuUpdates.fromZipFilePath(packagePath), transport).start();
	await bridge.close();
}

main(...process.argv.slice(2)).catch(error => {
	console.error(error);
	process.exit(1);
});
