/** How the text of each setting becomes its value, wherever the text was given. @module */
import { TRANSPORTS } from "../events/transport.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../log.ts";
import { hooksFor } from "../probes/catalogue.ts";
import { LONGEST_DURATION_MS, parseDuration } from "./duration.ts";
import { parseListenAddress } from "./listen_address.ts";
import type { RunOptionName } from "./options.ts";
import {
  parseChoice,
  parseComm,
  parseEventList,
  parseProcessId,
  parseRingPages,
  parseSwitch,
  parseTelemetryPath,
  parseUserId,
} from "../words/values.ts";

/** The value of each setting. */
export type SettingValues = {
  readonly [Name in RunOptionName]: ReturnType<(typeof PARSER_TABLE)[Name]>;
};

const OUTPUTS = ["text", "json", "none"] as const;
const TRANSPORT_CHOICES = ["auto", ...TRANSPORTS] as const;
const ARGUMENTS = ["full", "none"] as const;
const POLL_INTERVALS = { least: 100, most: 3_600_000 } as const;
const DURATIONS = { least: 1, most: LONGEST_DURATION_MS } as const;

const PARSER_TABLE = {
  "config.file": (text: string) => text,
  events: parseEventList,
  output: (text: string) => parseChoice(text, OUTPUTS),
  "filter.comm": parseComm,
  "filter.uid": parseUserId,
  "filter.pid": parseProcessId,
  args: (text: string) => parseChoice(text, ARGUMENTS),
  "web.listen-address": parseListenAddress,
  "web.telemetry-path": parseTelemetryPath,
  "poll.interval": (text: string) => parseDuration(text, POLL_INTERVALS),
  transport: (text: string) => parseChoice(text, TRANSPORT_CHOICES),
  "ring.pages": parseRingPages,
  "bpf.stats": parseSwitch,
  duration: (text: string) => parseDuration(text, DURATIONS),
  "log.level": (text: string) => parseChoice(text, LOG_LEVELS),
  "log.format": (text: string) => parseChoice(text, LOG_FORMATS),
  "probe.exec": (text: string) => parseChoice(text, hooksFor("exec")),
  "probe.clone": (text: string) => parseChoice(text, hooksFor("clone")),
  "probe.open": (text: string) => parseChoice(text, hooksFor("open")),
  "probe.privilege": (text: string) => parseChoice(text, hooksFor("privilege")),
} as const satisfies { readonly [Name in RunOptionName]: (text: string) => unknown };

/** By the option's name; each throws a ValueError. */
export const PARSERS: {
  readonly [Name in RunOptionName]: (text: string) => SettingValues[Name];
} = PARSER_TABLE;
