/** The page at `/`: says what this is and where to go on. @module */

export interface LandingPage {
  readonly version: string;
  readonly telemetryPath: string;
}

/** The page as HTML, which needs nothing else: no script, no style, no picture. */
export function landingPage({ version, telemetryPath }: LandingPage): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width">
<title>ebpf-agent</title>
</head>
<body>
<h1>ebpf-agent ${escapeHtml(version)}</h1>
<p>Counts every process creation, program execution and file open on this host.</p>
<ul>
<li><a href="${escapeHtml(telemetryPath)}">Metrics</a> for Prometheus</li>
<li><a href="/healthz">Health</a>: whether the agent is alive</li>
<li><a href="/readyz">Readiness</a>: whether its probes are attached</li>
</ul>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
