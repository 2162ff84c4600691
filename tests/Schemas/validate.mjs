// Standard input: {schemas: {name: schema}, schema: name, documents: [...]}. Prints, for each document, whether the schema takes it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.argv[2] + '/');
const Ajv = require('ajv/dist/2020').default;

const base = 'https://suite.example/schemas/';
const { schemas, schema, documents } = JSON.parse(readFileSync(0, 'utf8'));
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
for (const [name, document] of Object.entries(schemas)) ajv.addSchema(document, base + name);
const validate = ajv.getSchema(base + schema);
process.stdout.write(JSON.stringify(documents.map((document) => validate(document))));
