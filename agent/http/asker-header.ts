/** The header by which an agent that asks says which pod it is: `<pod>/<uid>`. */
export const askerHeader = 'regent-asker';
