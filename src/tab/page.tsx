/** The page: what it will do, then what it does. */
import type { Address } from './address'
import type { Shown } from './state'

const PHASES: Record<Shown['phase'], string> = {
  asking: 'not started',
  connecting: 'connecting',
  waiting: 'waiting for work',
  training: 'training',
  away: 'the server is away; trying again',
  stopping: 'stopping',
  stopped: 'stopped',
}

const count = (n: number): string => Math.round(n).toLocaleString('en')

export function Trouble({ title, what }: { title: string; what: string }) {
  return (
    <main data-trouble>
      <h1>{title}</h1>
      <p>{what}</p>
    </main>
  )
}

interface Props {
  address: Address
  adapter: string
  shown: Shown
  start(): void
  stop(): void
}

function Facts({ address, adapter, shown }: Props) {
  const { phase, status, env, error } = shown
  const isTraining = phase !== 'stopped' && status?.sweep != null
  const facts: [name: string, label: string, text: string][] = [
    ['state', 'State', error ? 'stopped by an error' : PHASES[phase]],
    ['sweep', 'Sweep', isTraining ? status.sweep! : '-'],
    ['env', 'Environment', isTraining && env ? env : '-'],
    ['trials', 'Trials in training', isTraining ? count(status.trials) : '-'],
    ['rung', 'Rung', isTraining ? count(status.rung + 1) : '-'],
    ['sps', 'Steps per second', isTraining ? count(status.sps) : '-'],
    ['given', 'Results given', count(status?.given ?? 0)],
    ['server', 'Server', address.server],
    ['adapter', 'Adapter', adapter],
  ]
  return (
    <dl>
      {facts.map(([name, label, text]) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd data-fact={name}>{text}</dd>
        </div>
      ))}
    </dl>
  )
}

export function Page(props: Props) {
  const { address, adapter, shown, start, stop } = props
  const { phase, error, said } = shown
  const isOn = phase !== 'asking' && phase !== 'stopped'
  return (
    <main>
      <h1>Lend this tab to a sweep</h1>
      {phase === 'asking' && (
        <>
          <p>
            A sweep trains many reinforcement-learning agents, to find good settings. If you start it, this tab takes
            agents from <strong data-fact="server">{address.server}</strong>, trains them on{' '}
            <strong data-fact="adapter">{adapter}</strong>, and gives back what came of them.
          </p>
          <ul>
            <li>It computes until you press Stop or close the tab, also while the tab is hidden, and needs power.</li>
            <li>
              It sends weights, returns and speeds, the names of your graphics adapter and browser, and nothing else. It
              reaches no other server.
            </li>
            <li>The server sends numbers. No code comes from it: the environments are parts of this page.</li>
          </ul>
        </>
      )}
      {phase !== 'asking' && <Facts {...props} />}
      <p aria-live="polite" class={error ? 'bad' : ''} data-fact="error">
        {error ?? ''}
      </p>
      <p>
        {isOn ? (
          <button type="button" data-action="stop" onClick={stop} disabled={phase === 'stopping'}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" data-action="start" onClick={start}>
            {phase === 'asking' ? 'Start' : 'Start again'}
          </button>
        )}
      </p>
      {said.length > 0 && (
        <section>
          <h2>Messages</h2>
          <ul data-fact="said">
            {said.map((line, i) => (
              <li key={`${said.length - i} ${line}`}>{line}</li>
            ))}
          </ul>
        </section>
      )}
    </main>
  )
}
