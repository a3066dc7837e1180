// The tasks of graphql-bench on graphql-js. Usage: node graphql-js.mjs FOLDER
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { buildSchema, parse, validate, execute } = require(process.env.GRAPHQL_JS ?? '/usr/share/nodejs/graphql');
const folder = process.argv[2];
const file = (name) => readFileSync(`${folder}/${name}`, 'utf8');

const schema = buildSchema(file('schema.graphql'));
const text = file('operation.graphql');
const eventText = file('event.json');
const event = JSON.parse(eventText);
const document = parse(text);
const variableValues = { customerId: '42' };

function run(value) {
  const result = execute({
    schema, document, variableValues, rootValue: { customerNetworkStatusUpdated: value },
  });
  return Buffer.from(JSON.stringify(result));
}

const tasks = {
  prepare: () => validate(schema, parse(text)),
  event: () => run(event),
  'event-from-text': () => run(JSON.parse(eventText)),
};
for (const [name, task] of Object.entries(tasks)) {
  let best = Infinity;
  // Twice as many rounds as elsewhere: the first ones warm up the compiler.
  for (let round = 0; round < 14; round++) {
    let count = 0;
    const start = process.hrtime.bigint();
    let time = 0;
    while (time < 2e8) {
      for (let i = 0; i < 50; i++) task();
      count += 50;
      time = Number(process.hrtime.bigint() - start);
    }
    best = Math.min(best, time / 1e3 / count);
  }
  console.log(`${name}\t${best.toFixed(2)}`);
}
