/** The fields of a payload, read from its JSON Schema: one level is enough to write an event by. Pure. */
export interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly doc: string;
}

type Schema = { readonly [keyword: string]: unknown };

export function fieldsOf(schema: Schema): readonly SchemaField[] {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(asSchema(schema['properties'])).map(([name, field]) => ({ name, type: typeOf(asSchema(field)), isRequired: required.has(name), doc: textOf(asSchema(field)['description']) }));
}

function typeOf(field: Schema): string {
  if (Array.isArray(field['enum'])) return field['enum'].map(String).join(' | ');
  if (field['const'] !== undefined) return JSON.stringify(field['const']);
  const choices = field['anyOf'] ?? field['oneOf'];
  if (Array.isArray(choices)) return [...new Set(choices.map((choice) => typeOf(asSchema(choice))))].join(' | ');
  const type = Array.isArray(field['type']) ? field['type'].join(' | ') : textOf(field['type']);
  if (type === 'array') return `${typeOf(asSchema(field['items']))}[]`;
  return type === '' ? 'anything' : type;
}

const asSchema = (value: unknown): Schema => (typeof value === 'object' && value !== null ? (value as Schema) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
