/**
 * Replaces packages that tedious loads but the functions do not use (sign-in through Microsoft Entra, Always Encrypted)
 * in the functions' bundles.
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
