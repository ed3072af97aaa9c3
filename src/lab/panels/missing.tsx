/** A page for each reason why the lab cannot run here, with what to do. */
import type { Reason } from '../support'

const PAGES: Record<Reason['kind'], { title: string; why: string; steps: string[] }> = {
  insecure: {
    title: 'This address is not secure',
    why: 'Browsers offer WebGPU only on https, and on this computer’s own address.',
    steps: [
      'Open the page with https:// in front of its address.',
      'If you serve it yourself, open http://127.0.0.1 or http://localhost instead of the computer’s name or number.',
    ],
  },
  browser: {
    title: 'This browser has no WebGPU',
    why: 'The lab trains in compute shaders, and this browser does not offer them to pages.',
    steps: [
      'Use Chrome or Edge 113 or newer, Safari 26 or newer, or Firefox 141 or newer.',
      'On Linux, start Chrome with --enable-unsafe-webgpu --enable-features=Vulkan.',
      'If the browser is new enough, look whether WebGPU is switched off in its settings or by an administrator.',
    ],
  },
  adapter: {
    title: 'No graphics adapter was found',
    why: 'The browser knows WebGPU, but got no adapter from the system.',
    steps: [
      'Update the graphics driver, then restart the browser.',
      'Look at chrome://gpu: it says whether WebGPU is disabled, and why.',
      'To try the lab without a GPU, start Chrome with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader.',
    ],
  },
  limits: {
    title: 'The graphics adapter is too small',
    why: 'It offers less than WebGPU’s ordinary limits.',
    steps: [
      'Update the graphics driver, then restart the browser.',
      'If the computer has a second graphics card, let the browser use that one.',
    ],
  },
  device: {
    title: 'The graphics device is gone',
    why: 'The browser took it away: after a crash of the driver, or because it took too long.',
    steps: [
      'Reload the page: training continues from a few seconds before.',
      'If it happens again, use fewer environments or agents, or update the graphics driver.',
    ],
  },
}

export function Missing({ reason }: { reason: Reason }) {
  const { title, why, steps } = PAGES[reason.kind]
  return (
    <main class="missing" data-reason={reason.kind}>
      <h1>{title}</h1>
      <p>{why}</p>
      {'detail' in reason && <p class="detail">{reason.detail}</p>}
      <h2>What to do</h2>
      <ol>
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>
        <button type="button" onClick={() => location.reload()}>
          Try again
        </button>
      </p>
    </main>
  )
}
