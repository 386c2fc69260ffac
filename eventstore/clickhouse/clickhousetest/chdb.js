// Today's ClickHouse engine, which npm's chdb runs in this process, over HTTP as a server
// speaks it, as far as Escutcheon asks: node chdb.js PORT FOLDER
const { createServer } = require('node:http');
const { mkdirSync, writeFileSync, unlinkSync } = require('node:fs');
const { join } = require('node:path');
const { Session } = require('chdb');

const [port, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
// A cluster of one shard, which is this process: nothing listens on that port.
const config = join(folder, 'local.xml');
writeFileSync(config, `<clickhouse><tcp_port>9000</tcp_port><remote_servers><shards><shard><replica>
<host>127.0.0.1</host><port>9000</port></replica></shard></shards></remote_servers></clickhouse>`);
const session = new Session(join(folder, 'data'), { connectionArgs: [`--config-file=${config}`] });
// Settings of a request that are told to the engine; others are of HTTP alone.
const settings = ['async_insert', 'insert_distributed_sync', 'skip_unavailable_shards'];
let last = Promise.resolve(), files = 0;

async function run(url, body) {
	const asked = url.searchParams.get('query');
	let query = asked ?? body.toString('utf8'), file = '';
	if (asked !== null) {
		file = join(folder, `insert${files++}`);
		writeFileSync(file, body);
		query = query.replace(/ FORMAT RowBinary$/, ` FROM INFILE '${file}' FORMAT RowBinary`);
	}
	try {
		for (const name of settings) {
			if (url.searchParams.has(name)) await session.queryAsync(`SET ${name} = ${Number(url.searchParams.get(name))}`);
		}
		return Buffer.from((await session.queryAsync(query, { format: 'TabSeparated' })).bytes());
	} finally {
		if (file) unlinkSync(file);
	}
}

createServer((request, response) => {
	const url = new URL(request.url, 'http://localhost'), parts = [];
	if (url.pathname === '/ping') return response.end('Ok.\n');
	request.on('data', (part) => parts.push(part));
	request.on('end', () => {
		last = last.then(() => run(url, Buffer.concat(parts))).then(
			(answer) => response.end(answer),
			(error) => response.writeHead(500).end(String(error.message)));
	});
}).listen(Number(port), '127.0.0.1');
