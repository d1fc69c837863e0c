/** Record layouts in TypeScript, from the BTF inside the BPF object. @module */
import { type Btf, parseBtf, type Struct } from "./btf.ts";

const STRUCTS = [
  "event_header",
  "origin",
  "exec_event",
  "clone_event",
  "open_event",
  "privilege_event",
  "event_counters",
  "counters",
  "settings",
  "rule_bits",
  "rule_set",
  "rule_counter",
  "rule_counters",
  "rule_name_key",
  "rule_name_bits",
  "rule_prefix_key",
  "rule_suffix_key",
  "rule_path_key",
  "rule_path_bits",
  "rule_comm_key",
  "rule_uid_key",
  "file_identity",
  "watched_name_key",
  "watched_file_key",
  "watched",
  "identified",
  "rule_second",
  "shared",
] as const;

/** The text of src/events/layout.gen.ts for an object; throws where a type is missing. */
export function generateLayout(object: Uint8Array): string {
  const btf = parseBtf(object);
  const parts = STRUCTS.map((name) => structText(name, found(btf.structs, name)));
  return `/** Offsets and sizes in bytes of what the BPF programs write, and their constants.
 *
 * Generated from the BTF of bpf/agent.bpf.o (source: bpf/agent.h) by scripts/gen.ts: do not edit.
 * @module */

${limitsText(btf)}
${enumText(btf, "event_kind", "EventKindNumber", "EVENT_")}
${enumText(btf, "cut", "Cut", "CUT_")}
${enumText(btf, "road", "Road", "ROAD_")}
${enumText(btf, "mark", "Mark", "MARK_")}
${enumText(btf, "filter", "Filter", "FILTER_")}
${enumText(btf, "transport", "Transport", "TRANSPORT_")}
${enumText(btf, "rule_field", "RuleField", "FIELD_")}
${enumText(btf, "fact", "Fact", "FACT_")}
${enumText(btf, "builtin", "Builtin", "BUILTIN_")}
${parts.join("\n")}`;
}

function structText(name: string, struct: Struct): string {
  const fields = struct.members.map((member) => `  ${camelCase(member.name)}: ${member.offset},\n`);
  return `/** \`struct ${name}\` */
export const ${pascalCase(name)} = {
  byteSize: ${struct.size},
${fields.join("")}} as const;
`;
}

function enumText(btf: Btf, name: string, exported: string, prefix: string): string {
  const values = [...found(btf.enums, name)].map(([member, value]) =>
    `  ${camelCase(member.slice(prefix.length).toLowerCase())}: ${value},\n`
  );
  return `/** \`enum ${name}\` */
export const ${exported} = {
${values.join("")}} as const;
`;
}

function limitsText(btf: Btf): string {
  return [...found(btf.enums, "limit")]
    .map(([name, value]) => `export const ${name} = ${value};\n`).join("");
}

function found<T>(types: ReadonlyMap<string, T>, name: string): T {
  const type = types.get(name);
  if (type === undefined) throw new Error(`Cannot generate the layout: BTF has no type ${name}`);
  return type;
}

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pascalCase(name: string): string {
  return camelCase(`_${name}`);
}
