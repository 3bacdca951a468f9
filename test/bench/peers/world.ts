// The same world for everybody who is asked: so many principals in one account, each with two of a hundred roles, each
// role with two of two hundred permissions. Half of the questions are answered with yes.

export const roleCount = 100;
export const permissionsOfRole = 2;
export const permissionCount = roleCount * permissionsOfRole;

export function rolesOf(principal: number): readonly [number, number] {
  const first = principal % roleCount;
  return [first, (first + 1 + (Math.floor(principal / roleCount) % (roleCount - 1))) % roleCount];
}

export interface Question {
  readonly principal: number;
  readonly permission: number;
  readonly isAllowed: boolean;
}

/**
 * The question with that number: as many different ones as there are principals. They come in an order that no cache
 * of a processor knows.
 */
export function questionOf(number: number, principals: number): Question {
  const index = number % principals;
  const principal = (index * 7_919) % principals;
  const role = rolesOf(principal)[index % 4 === 0 ? 0 : 1];
  const held = role * permissionsOfRole + (index % permissionsOfRole);
  if (index % 2 === 0) return { principal, permission: held, isAllowed: true };
  const permission = (held + permissionsOfRole * (1 + (index % (roleCount - 1)))) % permissionCount;
  const isAllowed = rolesOf(principal).includes(Math.floor(permission / permissionsOfRole));
  return { principal, permission, isAllowed };
}
