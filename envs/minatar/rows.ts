/** A board of one bit a cell in four words: row y is in word floor(y / 3), from bit 10 (y % 3) on, column x its bit x. */
export type Board = [number, number, number, number]

const WORD = 2 ** 30 - 1
const ROW = 2 ** 10 - 1

export const emptyBoard = (): Board => [0, 0, 0, 0]

const place = (x: number, y: number): [word: number, bit: number] => [Math.floor(y / 3), 1 << (10 * (y % 3) + x)]

export function cell(board: Board, x: number, y: number): boolean {
  const [word, bit] = place(x, y)
  return (board[word] & bit) !== 0
}

export function setCell(board: Board, x: number, y: number): void {
  const [word, bit] = place(x, y)
  board[word] |= bit
}

export const rowOf = (board: Board, y: number): number => (board[Math.floor(y / 3)] >> (10 * (y % 3))) & ROW

export const boardOf = (rows: readonly number[]): Board => {
  const board = emptyBoard()
  for (const [y, row] of rows.entries()) board[Math.floor(y / 3)] |= row << (10 * (y % 3))
  return board
}

export const rowsOf = (board: Board): number[] => Array.from({ length: 10 }, (_, y) => rowOf(board, y))

/** Every row one further down, row 9 to row 0. */
export const rolledDown = (board: Board): Board => {
  const rows = rowsOf(board)
  return boardOf([rows[9], ...rows.slice(0, 9)])
}

/** Every row one further up, row 0 to row 9. */
export const rolledUp = (board: Board): Board => {
  const rows = rowsOf(board)
  return boardOf([...rows.slice(1), rows[0]])
}

/** Every cell one to the side; the cells that leave are lost. */
export const shifted = (board: Board, toTheLeft: boolean): Board =>
  boardOf(rowsOf(board).map((row) => (toTheLeft ? row >> 1 : (row << 1) & ROW)))

export const count = (board: Board): number =>
  board.reduce((sum, word) => sum + (word & WORD).toString(2).replaceAll('0', '').length, 0)
