// One engine on one workload, in a process of its own: started, asked for runs in turns, asked for its facts, ended.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How long an engine may take over anything it is asked for. */
const LONGEST_WAIT_MS = 300_000;

/**
 * Resolves when the first result is there, with `first`: its time and its error. Rejects, as everything here does, with an
 * `Error` that says what the engine did instead.
 */
export async function startEngine(engine, workload, env) {
  const child = fork(
    fileURLToPath(new URL(engine.script, import.meta.url)),
    [workload, ...(engine.given ?? [])],
    { execArgv: engine.node ?? [], env: { ...process.env, ...env }, silent: true },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      said = (said + text).slice(-2000);
    });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
  };

  const answer = () =>
    new Promise((resolve, reject) => {
      const settle = (act, value) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        act(value);
      };
      const onMessage = (message) =>
        message.failed ? settle(reject, new Error(message.failed)) : settle(resolve, message);
      const onExit = (code, signal) =>
        settle(
          reject,
          new Error(`it ended (${signal ?? code}): ${said.trim().split('\n').at(-1)}`),
        );
      const timer = setTimeout(
        () => settle(reject, new Error(`no answer within ${LONGEST_WAIT_MS / 1000} s`)),
        LONGEST_WAIT_MS,
      );
      child.on('message', onMessage);
      child.on('exit', onExit);
    });
  const ask = async (message) => {
    const answered = answer();
    child.send(message);
    try {
      return await answered;
    } catch (error) {
      await end();
      throw error;
    }
  };

  try {
    const first = await answer();
    return {
      first,
      /** Milliseconds of `runs` runs, after `warm` others, and the share of the machine that others took. */
      time: (runs, warm) => ask({ runs, warm }),
      facts: () => ask({}),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
