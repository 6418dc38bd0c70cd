'use strict';
// As much of navigator.bluetooth as a client needs, over the bridge.

const { PROPERTY, advertisedServices, subscription } = require('./bridge');

function uuidText(uuid) {
	if (typeof uuid === 'string') return uuid;
	return `${uuid.toString(16).padStart(8, '0')}-0000-1000-8000-00805f9b34fb`;
}

function bytesOf(source) {
	return ArrayBuffer.isView(source) ?
		new Uint8Array(source.buffer, source.byteOffset, source.byteLength) :
		new Uint8Array(source);
}

class Characteristic extends EventTarget {
	constructor(bridge, found) {
		super();
		this.bridge = bridge;
		this.found = found;
		this.uuid = found.uuid;
		this.properties = {};
		for (const [name, bit] of Object.entries(PROPERTY)) {
			this.properties[name] = (found.properties & bit) !== 0;
		}
	}

	async startNotifications() {
		const { handle, properties } = this.found;
		await this.bridge.ask('subscribe', { handle, value: subscription(properties) });
		return this;
	}

	// With response where the characteristic takes that, as browsers do it.
	async writeValue(value) {
		const op = this.properties.write ? 'write' : 'command';
		await this.bridge.ask(op, { handle: this.found.handle, bytes: [...bytesOf(value)] });
	}

	receive(bytes) {
		this.value = new DataView(Uint8Array.from(bytes).buffer);
		this.dispatchEvent(new Event('characteristicvaluechanged'));
	}
}

class Server {
	constructor(device, bridge) {
		this.device = device;
		this.bridge = bridge;
		this.connected = false;
		this.characteristics = [];
	}

	async connect() {
		const onValue = ({ handle, bytes }) => {
			for (const one of this.characteristics) {
				if (one.found.handle === handle) one.receive(bytes);
			}
		};
		await this.bridge.ask('connect');
		this.connected = true;
		this.bridge.on('value', onValue);
		this.bridge.once('disconnected', () => {
			this.bridge.off('value', onValue);
			this.connected = false;
			this.device.dispatchEvent(new Event('gattserverdisconnected'));
		});
		return this;
	}

	async getPrimaryService(uuid) {
		const { characteristics } = await this.bridge.ask('discover');
		this.characteristics = characteristics
			.filter(one => one.service === uuidText(uuid))
			.map(one => new Characteristic(this.bridge, one));
		if (this.characteristics.length === 0) throw new Error('no such service');
		return { getCharacteristics: async () => this.characteristics };
	}
}

class Device extends EventTarget {
	constructor(bridge, advert) {
		super();
		this.id = advert.address;
		this.gatt = new Server(this, bridge);
	}
}

class Bluetooth {
	constructor(bridge) {
		this.bridge = bridge;
	}

	async requestDevice({ filters }) {
		const matches = ({ services }, advert) =>
			services.every(service => advertisedServices(advert).includes(service));
		const advert = await this.bridge.hear(heard =>
			!filters || filters.some(filter => matches(filter, heard)));
		return new Device(this.bridge, advert);
	}
}

module.exports = { Bluetooth };
