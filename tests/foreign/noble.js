'use strict';
// As much of a peripheral of noble as a client needs, over the bridge.

const { EventEmitter } = require('events');
const { subscription } = require('./bridge');

// "0000fe59-0000-1000-8000-00805f9b34fb" is "fe59" here, and a long one has no hyphens.
function uuidText(uuid) {
	const short = /^0000(.{4})-0000-1000-8000-00805f9b34fb$/.exec(uuid);
	return short ? short[1] : uuid.replace(/-/g, '');
}

// Emits 'data'.
class Characteristic extends EventEmitter {
	constructor(bridge, found) {
		super();
		this.bridge = bridge;
		this.found = found;
		this.uuid = uuidText(found.uuid);
	}

	subscribe(done) {
		const { handle, properties } = this.found;
		this.bridge.on('value', value => {
			if (value.handle === handle) this.emit('data', Buffer.from(value.bytes));
		});
		this.bridge.ask('subscribe', { handle, value: subscription(properties) })
			.then(() => done(null), done);
	}

	write(bytes, withoutResponse, done) {
		const { handle } = this.found;
		this.bridge.ask(withoutResponse ? 'command' : 'write', { handle, bytes: [...bytes] })
			.then(() => done(null), done);
	}
}

class Peripheral {
	constructor(bridge) {
		this.bridge = bridge;
	}

	connect(done) {
		this.bridge.ask('connect').then(() => done(null), done);
	}

	discoverServices(uuids, done) {
		this.bridge.ask('discover').then(({ characteristics }) => {
			done(null, uuids.map(uuid => ({
				discoverCharacteristics: (_, found) => found(null, characteristics
					.filter(one => uuidText(one.service) === uuid)
					.map(one => new Characteristic(this.bridge, one))),
			})));
		}, done);
	}
}

module.exports = { Peripheral };
