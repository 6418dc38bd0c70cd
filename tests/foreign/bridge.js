'use strict';
// The simulated device, in a process that speaks as bridge.c says.

const { spawn } = require('child_process');
const { EventEmitter } = require('events');
const { createInterface } = require('readline');

const HEARD_WITHIN_MS = 10000;
const SCAN_MS = 25;

// Emits 'value' and 'disconnected'.
class Bridge extends EventEmitter {
	constructor(program, scenario) {
		super();
		this.unanswered = [];
		this.process = spawn(program, [scenario], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.process.stdin.on('error', () => {}); // its end is told by 'close'
		this.closed = new Promise(resolve => this.process.on('close', resolve));
		this.closed.then(() => this.abandon());
		createInterface({ input: this.process.stdout })
			.on('line', line => this.receive(JSON.parse(line)));
	}

	receive(message) {
		if (message.event) {
			this.emit(message.event, message);
			return;
		}
		const { resolve, reject } = this.unanswered.shift();
		if (message.error) reject(new Error(message.error));
		else resolve(message);
	}

	abandon() {
		for (const { reject } of this.unanswered.splice(0)) {
			reject(new Error('the bridge has ended'));
		}
	}

	ask(op, more) {
		return new Promise((resolve, reject) => {
			this.unanswered.push({ resolve, reject });
			this.process.stdin.write(`${JSON.stringify({ op, ...more })}\n`);
		});
	}

	// The first advertisement that is wanted.
	async hear(isWanted) {
		const deadline = Date.now() + HEARD_WITHIN_MS;
		while (Date.now() < deadline) {
			const { advert } = await this.ask('scan');
			if (advert && isWanted(advert)) return advert;
			await new Promise(resolve => setTimeout(resolve, SCAN_MS));
		}
		throw new Error('no such device is heard');
	}

	async close() {
		this.process.stdin.end();
		if (await this.closed !== 0) throw new Error('the bridge has failed');
	}
}

// 16-bit services that the device says it has.
function advertisedServices(advert) {
	const SOME = 0x02;
	const ALL = 0x03;
	const services = [];
	for (let at = 0; at < advert.data.length; at += 1 + advert.data[at]) {
		const [len, type] = advert.data.slice(at, at + 2);
		if (type !== SOME && type !== ALL) continue;
		for (let i = at + 2; i < at + len; i += 2) {
			services.push(advert.data[i] | advert.data[i + 1] << 8);
		}
	}
	return services;
}

const PROPERTY = { writeWithoutResponse: 0x04, write: 0x08, notify: 0x10, indicate: 0x20 };

// What to write to the descriptor of a characteristic to hear from it.
function subscription(properties) {
	return properties & PROPERTY.notify ? 1 : 2;
}

module.exports = { Bridge, PROPERTY, advertisedServices, subscription };
