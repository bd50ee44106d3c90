/* strings-guest - what only the page of guests says, in each language. */

import { limits } from './generated.js';

const en = {
  'guest.tagline': 'Talk with whoever runs this server.',
  'guest.title': 'Come in as a guest',
  'guest.name': 'Your name',
  'guest.nameHint': `Up to ${limits.username} characters. No account is needed.`,
  'guest.nameLength': `A name has at most ${limits.username} characters.`,
  'guest.ended': 'Your visit has ended. Come in again to go on.',
  'guest.connect': 'Connect',
  'guest.account': 'Have an account?',
  'guest.closed': 'This server takes no guests.',
  'guest.closedHint': 'People with an account sign in to talk.',
  'guest.present': 'An operator is here',
  'guest.absent': 'Nobody is here just now. What you write waits.',
  'guest.you': 'You are {name}',
  'guest.rooms': 'Where to talk',
  'guest.leave': 'Leave',
  'guest.leaveAsk': 'Leave this conversation?',
  'guest.leaveHint': 'You will not get back to it: a guest who leaves is gone.',
  'guest.loading': 'Connecting…',
};

const fr = {
  'guest.tagline': 'Parlez avec les responsables de ce serveur.',
  'guest.title': 'Entrer sans compte',
  'guest.name': 'Votre nom',
  'guest.nameHint': `Jusqu’à ${limits.username}\u00a0caractères. Aucun compte n’est nécessaire.`,
  'guest.nameLength': `Un nom a au plus ${limits.username}\u00a0caractères.`,
  'guest.ended': 'Votre visite est terminée. Entrez de nouveau pour continuer.',
  'guest.connect': 'Se connecter',
  'guest.account': 'Vous avez un compte\u00a0?',
  'guest.closed': 'Ce serveur est réservé aux personnes qui ont un compte.',
  'guest.closedHint': 'Connectez-vous avec votre compte pour parler.',
  'guest.present': 'Une personne vous répond',
  'guest.absent': 'Il n’y a personne pour le moment. Vos messages seront lus plus tard.',
  'guest.you': 'Votre nom ici\u00a0: {name}',
  'guest.rooms': 'Où parler',
  'guest.leave': 'Quitter',
  'guest.leaveAsk': 'Quitter cette conversation\u00a0?',
  'guest.leaveHint': 'Vous ne pourrez pas y revenir\u00a0: qui part sans compte est oublié.',
  'guest.loading': 'Connexion…',
};

export const guestWords = { en, fr };
