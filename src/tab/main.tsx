/** A tab as a worker of sweeps: asks, then starts its Worker, and shows what that says. */
import { render } from 'preact'
import { adapterName, askAdapter, isSoftware } from '../gpu/adapter'
import { patiently } from '../gpu/patience'
import { type Address, readAddress } from './address'
import { Page, Trouble } from './page'
import type { FromWorker, ToWorker } from './protocol'
import { type Running, startWorker } from './start'
import { ASKING, type Shown, shownAfter } from './state'

/** How long the Worker may take to give its batches back, after Stop. */
const STOPPING_MS = 12_000

const root = document.getElementById('tab')!

async function adapterHere(): Promise<string> {
  if (!isSecureContext)
    throw new Error('Browsers offer WebGPU only on https. Open the page with https:// in front of its address.')
  const gpu = navigator.gpu
  if (!gpu) throw new Error('This browser has no WebGPU. Use Chrome or Edge 113, Safari 26, Firefox 141, or newer.')
  const adapter = await patiently(gpu, 'adapter', gpu.requestAdapter({ powerPreference: 'high-performance' }))
  if (!adapter)
    throw new Error('The browser got no graphics adapter. Update the graphics driver, and restart the browser.')
  const info = await askAdapter(adapter)
  return adapterName({ ...info, software: isSoftware(info) })
}

/** The token must not stay where others can read it. */
function takeAddress(): Address {
  const { hash, pathname, search } = location
  history.replaceState(null, '', pathname + search)
  return readAddress(hash)
}

function show(address: Address, adapter: string): void {
  let shown: Shown = ASKING
  let running: Running | null = null
  const update = (next: Shown) => {
    shown = next
    render(<Page {...{ address, adapter, shown, start, stop: () => stop() }} />, root)
  }
  const end = (error: string | null) => {
    running?.terminate()
    running = null
    update(shownAfter(shown, { type: 'ended', error }))
  }
  function start(): void {
    const worker = startWorker(address.server)
    running = worker
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (worker !== running) return
      if (data.type === 'ended') end(data.error)
      else update(shownAfter(shown, data))
    }
    worker.onerror = ({ message }) => {
      if (worker === running) end(message || 'The Worker could not be started.')
    }
    worker.postMessage({ type: 'start', address } satisfies ToWorker)
    update({ ...ASKING, phase: 'connecting', status: shown.status })
  }
  function stop(hurry = false): void {
    const worker = running
    worker?.postMessage({ type: 'stop', hurry })
    update({ ...shown, phase: 'stopping' })
    setTimeout(() => {
      if (worker === running) end(null)
    }, STOPPING_MS)
  }
  // The browser ends the Worker with the page; until then it gives back what it has.
  addEventListener('pagehide', () => {
    if (running) stop(true)
  })
  // Browsers freeze hidden pages after some minutes, but none that holds a lock.
  void navigator.locks?.request('ppo-webgpu tab', { mode: 'shared' }, () => new Promise(() => undefined))
  update(ASKING)
}

try {
  const address = takeAddress()
  show(address, await adapterHere())
} catch (error) {
  render(<Trouble title="This tab cannot be a worker" what={(error as Error).message} />, root)
}
