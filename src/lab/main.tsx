/** The lab: checks whether this browser supports it, then shows the page. */
import { render } from 'preact'
import { App } from './app'
import { watchDrops } from './own/drop'
import { Missing } from './panels/missing'
import { whyMissing } from './support'
import { startThreadsBy } from './thread'
import { startWorker } from './workerthread'

startThreadsBy(startWorker)
watchDrops()
const root = document.getElementById('lab')!
const reason = await whyMissing()
root.replaceChildren()
render(reason ? <Missing reason={reason} /> : <App />, root)
