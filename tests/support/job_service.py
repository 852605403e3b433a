# environment: data
"""Beam's own job service on loopback, with its own worker processes. It prints its address, and ends when its input is
closed."""

import json
import sys

from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.runners.portability.local_job_service import BeamJob, LocalJobServicer
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer

WORKERS = 2


class Job(BeamJob):
    def _invoke_runner(self):
        """Beam's server with a fixed number of workers, for which Beam has no option."""
        runner = FnApiRunner(provision_info=self._provision_info)
        runner._num_workers = WORKERS
        return runner.run_via_runner_api(self._pipeline_proto, self.pipeline_options())


if __name__ == "__main__":
    workers, _ = BeamFnExternalWorkerPoolServicer.start(use_process=True)
    service = LocalJobServicer(beam_job_type=Job)
    print(json.dumps({"job": f"localhost:{service.start_grpc_server()}", "workers": workers}), flush=True)
    sys.stdin.read()
    service.stop()
