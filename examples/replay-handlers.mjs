/** Who does things again when a replay is executed: functions by event type. What has none here is not done. */

/** Ask your test runner here. The key is the original event's id: whoever is asked twice under one key must do it once. */
async function runTests({ data }, { idempotencyKey }) {
  return { result: { suite: data.suite, queuedAs: idempotencyKey } };
}

export const handlers = { 'test_run.started': runTests };
