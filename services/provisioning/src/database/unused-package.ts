/**
 * Takes the place of packages that tedious loads and that nothing here uses (sign-in through Microsoft Entra, Always
 * Encrypted), in the bundles of the functions.
 */
function unused(): never {
  throw new Error('This part of tedious is left out of the bundle.');
}

export {
  unused as AzureCliCredential,
  unused as ClientSecretCredential,
  unused as CryptographyClient,
  unused as DefaultAzureCredential,
  unused as KeyClient,
  unused as ManagedIdentityCredential,
  unused as UsernamePasswordCredential,
};
