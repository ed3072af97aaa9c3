/** Shows each table that the sweep sends. All text is set as text. */
const main = document.querySelector('main')
const foot = document.createElement('footer')
document.body.append(foot)

const element = (name, ...children) => {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

function tableOf([head, ...rows]) {
  const row = (cells, name) => element('tr', ...cells.map((cell) => element(name, cell)))
  return element('table', element('thead', row(head, 'th')), element('tbody', ...rows.map((cells) => row(cells, 'td'))))
}

const events = new EventSource('events')
events.onmessage = ({ data }) => {
  const { title, tables, notes } = JSON.parse(data)
  document.title = title
  const filled = tables.filter((rows) => rows.length > 1)
  main.replaceChildren(element('h1', title), ...filled.map(tableOf), ...notes.map((note) => element('p', note)))
  foot.textContent = ''
}
events.onerror = () => {
  foot.textContent = 'The sweep has ended, or was interrupted: this is what it showed last.'
}
