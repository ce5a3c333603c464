/** Document 002's own client code, in its own language, against this server. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const hasPython = spawnSync('python3', ['--version']).status === 0;
/** The package itself where it is installed, and in any case a stand-in over Python's own library. */
const packages = hasPython && spawnSync('python3', ['-c', 'import requests']).status === 0 ? ['requests', 'urllib'] : ['urllib'];

/** As much of the package `requests` as the document uses, over what comes with Python. */
const requestsModule = `
import json as _json
import urllib.error
import urllib.request

class Response:
    def __init__(self, status, body):
        self.status_code, self._body = status, body

    def json(self):
        return _json.loads(self._body)

def request(method, url, json=None):
    body = None if json is None else _json.dumps(json).encode()
    headers = {} if json is None else {"Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers, method=method)) as answer:
            return Response(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        return Response(error.code, error.read())

def get(url):
    return request("GET", url)

def post(url, json=None):
    return request("POST", url, json)

def delete(url):
    return request("DELETE", url)
`;

/** The example as document 002 prints it. */
const example = `
import requests

# Start replay session
response = requests.post("http://localhost:8012/sessions/start", json={
    "aggregate_id": "agent-123",
    "from_version": 1
})
session_id = response.json()["session_id"]

# Add breakpoint
requests.post(f"http://localhost:8012/sessions/{session_id}/breakpoints", json={
    "event_type": "agent.updated"
})

# Get debug info
debug_info = requests.get(f"http://localhost:8012/sessions/{session_id}").json()
`;

/** Runs code of Python, the server at its port, and gives what it printed as JSON. */
async function python(world: World, over: string, code: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'refold-python-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (over === 'urllib') writeFileSync(join(folder, 'requests.py'), requestsModule);
  writeFileSync(join(folder, 'main.py'), code.replaceAll('localhost:8012', `localhost:${world.server.port}`));
  const child = spawn('python3', ['main.py'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let shown = '';
  for await (const bytes of child.stdout as AsyncIterable<Buffer>) shown += bytes.toString();
  return JSON.parse(shown);
}

async function worldWithAgent(): Promise<World> {
  const world = await startWorld();
  const shared = { streamType: 'agent', streamId: 'agent-123', actor: { type: 'user', id: 'ana' } };
  const { status } = await world.post('/api/v1/events', [
    { ...shared, type: 'agent.created', data: { name: 'Customer Support Agent', model: 'gpt-4' } },
    ...[0.5, 0.95].map((reward) => ({ ...shared, type: 'agent.updated', data: { model: 'gpt-5', reward } })),
  ]);
  expect(status).toBe(201);
  return world;
}

describe.each(packages)("Document 002's client in Python, over %s", (over) => {
  test('B-072 B-083 B-084 B-085 its example runs as it is printed', async (context) => {
    if (!hasPython) context.skip('no python3: apt-get install -y python3');
    const shown = await python(await worldWithAgent(), over, `${example}\nimport json\nprint(json.dumps(debug_info))`);
    expect(shown).toMatchObject({ session_id: expect.stringMatching(/^ds_/), state: 'paused', aggregate_id: 'agent-123', revision: 1, current_event: { type: 'agent.created' }, breakpoints: [{ event_type: 'agent.updated' }] });
  });

  test('B-073 B-074 B-075 B-076 B-077 B-078 B-079 B-080 B-081 B-082 so does every call that it lists', async (context) => {
    if (!hasPython) context.skip('no python3: apt-get install -y python3');
    const calls = `
base = f"http://localhost:8012/sessions/{session_id}"
statuses = {
    "pause": requests.post(f"{base}/pause").status_code,
    "watches": requests.post(f"{base}/watches", json={"expression": "event_data.get('reward', 0)"}).status_code,
    "breakpoints": requests.post(f"{base}/breakpoints", json={"condition": "event_data.get('reward', 0) > 0.8"}).status_code,
    "resume": requests.post(f"{base}/resume").json()["revision"],
    "remove": requests.delete(f"{base}/breakpoints/1").status_code,
    "resume again": requests.post(f"{base}/resume").json()["revision"],
    "step": requests.post(f"{base}/step").status_code,
    "info": requests.get(base).json()["watches"][0]["value"],
    "timeline": len(requests.get(f"{base}/timeline").json()["entries"]),
    "export": requests.get(f"{base}/export").json()["format"],
    "stop": requests.post(f"{base}/stop").json()["state"],
}
import json
print(json.dumps(statuses))`;
    expect(await python(await worldWithAgent(), over, example + calls)).toMatchObject({ pause: 200, watches: 201, breakpoints: 201, resume: 2, remove: 204, 'resume again': 3, step: 200, info: 0.95, export: expect.any(String), stop: 'stopped' });
  });
});
