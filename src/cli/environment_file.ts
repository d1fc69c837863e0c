/** The service's settings as a file of environment variables, each commented out. @module */
import { ENVIRONMENT_PREFIX, environmentName, RUN_OPTIONS } from "./options.ts";
import { SERVICE_DEFAULTS } from "./service_defaults.ts";
import { settingMeaning } from "./topics.ts";
import { wrap } from "./wrap.ts";

/** A file for the unit's `EnvironmentFile=`: as it is, it changes nothing. */
export function environmentFile(): string {
  const settings = RUN_OPTIONS.map((option) => {
    const comment = wrap(settingMeaning(option), 98).map((line) => `# ${line}`);
    return [...comment, `#${environmentName(option.name)}=${valueOf(option)}`].join("\n");
  });
  return `${[HEAD, ...settings].join("\n\n")}\n`;
}

const HEAD =
  `# Settings of the service ebpf-agent, which beat those in config.yaml beside this file. To change
# one, take away the "#" in front of ${ENVIRONMENT_PREFIX}..., and then: systemctl restart ebpf-agent
# What may be repeated takes several values with commas between them. See also: man ebpf-agent`;

function valueOf({ name, value, default: usual }: (typeof RUN_OPTIONS)[number]): string {
  return SERVICE_DEFAULTS[name] ?? usual ?? value ?? "true";
}
