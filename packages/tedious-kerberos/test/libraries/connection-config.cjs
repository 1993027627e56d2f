// The connection that the test passes, in the form that this package's functions expect.
exports.connectionConfig = ({ kerberos }) => {
  const { server, authentication, options } = JSON.parse(process.env.CONNECTION);
  const { serverName, cryptoCredentialsDetails, ...others } = options;
  return {
    ...{ server, authenticator: kerberos(authentication.options), options: others },
    tls: { name: serverName, ca: cryptoCredentialsDetails.ca },
  };
};
