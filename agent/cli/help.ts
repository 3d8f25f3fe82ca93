/** What `regent help` prints. */
export const help = `regent: keeps one Redis or Valkey leader on Kubernetes and moves it safely

  regent status [--output text|json] [--agent-port 8377]
      What the agent of this pod knows: who leads, in which term, and why.
  regent switchover [--to POD] [--agent-port 8377]
      Hand over to POD, or to the best replica, without losing a write. Ask the pod that leads.
  regent probe startup|readiness|liveness [--agent-port 8377]
      Ends with 0 when the agent says pass, with 1 when it does not.

In the containers of a pod, as the chart calls them:

  regent init --announce-host HOST --config FILE --output FILE
              [--port 6379] [--data-dir /data] [--password-file FILE]
              [--tls-dir DIR] [--tls-auth-clients yes|no|optional]
      Write Redis' configuration.
  regent run --pod NAME --pod-uid UID --pod-ip IP --namespace NS --set FULLNAME
             --headless-service NAME --leader-service NAME --replicas N
             [--cluster-domain cluster.local] [--port 6379] [--agent-port 8377]
             [--password-file FILE] [--peer-secret-file FILE] [--data-dir /data]
             [--tls-dir DIR] [--peer-port 8378]
             [--priority 100] [--log-level debug|info|warn|error] [--kubeconfig FILE]
             [--timing fast|default|calm] [--renew-period-ms N] [--request-timeout-ms N]
             [--lease-duration-seconds N] [--fence-deadline-ms N] [--fence-timeout-ms N]
             [--replica-lag-seconds N] [--beat-timeout-ms N]
      Elect and keep a leader.

  regent help, regent --version

Exit codes: 0 done or pass, 1 the answer is no, 2 the command line is wrong.`;
