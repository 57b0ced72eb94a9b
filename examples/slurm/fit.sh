#!/usr/bin/env bash
# fit.sh DATA MODEL PARTS [FLAGS…]: fits a model in parts, as jobs of Slurm: the bytes that smt fit DATA FLAGS -o MODEL
# writes. FLAGS are those of smt encoder. DATA, MODEL and smt are seen by all nodes. SBATCH says what each job is given:
#
#	SBATCH="--cpus-per-task=8 --mem=16G --time=4:00:00" ./fit.sh /data/photos /models/photos.safetensors 64
#
# A job whose node is lost is begun again by Slurm, and a part goes on from what it had counted. Encoder, statistics and
# logs are in MODEL.parts, which can be removed once the model is there.
set -euo pipefail
(($# >= 3)) || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
data=$(realpath -e "$1") model=$(realpath -m "$2") parts=$3
shift 3
work=$model.parts
mkdir -p "$work"
read -ra given <<< "${SBATCH:-}"

# job NAME AFTER COMMAND [OPTION…]: puts smt COMMAND in the queue, to begin once job AFTER has ended well, and prints its
# number. All of an array have ended when it has.
job() {
	local name=$1 after=$2 command=$3
	shift 3
	sbatch --parsable --requeue --open-mode=append --job-name="smt-$name" --output="$work/$name.log" \
		${after:+--dependency="afterok:$after" --kill-on-invalid-dep=yes} "${given[@]}" "$@" \
		--wrap "exec smt $command --quiet --workers \${SLURM_CPUS_PER_TASK:-1}"
}
quoted() {
	local words
	printf -v words '%q ' "$@"
	printf %s "${words% }"
}
files=()
for ((i = 1; i <= parts; i++)); do files+=("$work/$i.stats"); done
encoder=$(job encoder "" "encoder $(quoted "$data" -o "$work/encoder" "$@")")
stats=$(job stats "$encoder" "stats $(quoted "$work/encoder" "$data") --part \$SLURM_ARRAY_TASK_ID/$parts -o $(quoted "$work")/\$SLURM_ARRAY_TASK_ID.stats" \
	--array="1-$parts" --output="$work/stats-%a.log")
merge=$(job merge "$stats" "merge $(quoted "${files[@]}" -o "$work/all")")
solve=$(job solve "$merge" "solve $(quoted "$work/encoder" "$work/all" -o "$model")")
echo "jobs $encoder (encoder), $stats (parts), $merge (merge) and $solve (solve): squeue shows them, logs are in $work"
