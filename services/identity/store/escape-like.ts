/** The text as a part of a pattern of LIKE, in which nothing stands for anything else. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
