"""boto3 against the S3 face of a local Bedrock (and its log groups): argv[1] is the endpoint URL, keys are in AWS_*."""
import io, json, os, sys, tempfile, datetime
import boto3
from botocore.client import Config
from botocore.exceptions import ClientError
from boto3.s3.transfer import TransferConfig

url, region = sys.argv[1], os.environ.get("AWS_REGION", "us-east-1")
s3 = boto3.client("s3", endpoint_url=url, region_name=region)
other = "eu-west-1" if region != "eu-west-1" else "us-west-2"
name = f"judge-{os.getpid()}-{int(datetime.datetime.now().timestamp())}"
passed = []

def check(what, truth):
    if not truth:
        print("FAILED", what); sys.exit(1)
    passed.append(what)

def refused(what, code, call, status=None):
    try:
        call()
    except ClientError as error:
        check(f"{what}: {code} but {error.response['Error']}", error.response["Error"]["Code"] == code)
        if status: check(what, error.response["ResponseMetadata"]["HTTPStatusCode"] == status)
    else:
        check(what, False)

where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
refused("no bucket", "NoSuchBucket", lambda: s3.list_objects_v2(Bucket=name))
refused("no bucket: head", "404", lambda: s3.head_bucket(Bucket=name))
s3.create_bucket(Bucket=name, **where)
check("head_bucket", s3.head_bucket(Bucket=name)["BucketRegion"] == region)
check("location", s3.get_bucket_location(Bucket=name)["LocationConstraint"] == (None if region == "us-east-1" else region))
check("list_buckets", name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])

put = s3.put_object(Bucket=name, Key="a/b c+d%é.txt", Body=b"hello", ContentType="text/plain", Metadata={"who": "me"})
got = s3.get_object(Bucket=name, Key="a/b c+d%é.txt")
check("get_object", got["Body"].read() == b"hello" and got["ContentType"] == "text/plain" and got["Metadata"] == {"who": "me"})
check("etag is the md5", got["ETag"] == put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"')
check("last modified", abs((datetime.datetime.now(datetime.timezone.utc) - got["LastModified"]).total_seconds()) < 60)
part = s3.get_object(Bucket=name, Key="a/b c+d%é.txt", Range="bytes=1-3")
check("range", part["Body"].read() == b"ell" and part["ContentRange"] == "bytes 1-3/5" and part["ResponseMetadata"]["HTTPStatusCode"] == 206)
refused("range beyond", "InvalidRange", lambda: s3.get_object(Bucket=name, Key="a/b c+d%é.txt", Range="bytes=9-"))
refused("not modified", "304", lambda: s3.get_object(Bucket=name, Key="a/b c+d%é.txt", IfNoneMatch=got["ETag"]))
refused("precondition", "PreconditionFailed", lambda: s3.get_object(Bucket=name, Key="a/b c+d%é.txt", IfMatch='"x"'))
refused("create only", "PreconditionFailed", lambda: s3.put_object(Bucket=name, Key="a/b c+d%é.txt", Body=b"", IfNoneMatch="*"))
refused("no key", "NoSuchKey", lambda: s3.get_object(Bucket=name, Key="a"))
refused("no key: head", "404", lambda: s3.head_object(Bucket=name, Key="nothing"))
refused("bad md5", "BadDigest", lambda: s3.put_object(Bucket=name, Key="x", Body=b"hello", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="))
refused("bad crc", "BadDigest", lambda: s3.put_object(Bucket=name, Key="x", Body=b"hello", ChecksumCRC32="AAAAAA=="))
refused("nothing was written", "404", lambda: s3.head_object(Bucket=name, Key="x"))
s3.put_object(Bucket=name, Key="sha", Body=b"hello", ChecksumAlgorithm="SHA256")
s3.put_object(Bucket=name, Key="empty", Body=b"")
check("empty", s3.get_object(Bucket=name, Key="empty")["Body"].read() == b"")
s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "sha"}, {"Key": "empty"}]})

big = os.urandom(20 * 1024 * 1024 + 7)
with tempfile.NamedTemporaryFile() as file:
    file.write(big); file.flush()
    s3.upload_file(file.name, name, "big.bin", Config=TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20))
head = s3.head_object(Bucket=name, Key="big.bin")
check("multipart", head["ContentLength"] == len(big) and head["ETag"].endswith('-3"'))
out = io.BytesIO(); s3.download_fileobj(name, "big.bin", out)
check("download_fileobj", out.getvalue() == big)
s3.upload_fileobj(io.BytesIO(big[:9 << 20]), name, "nine.bin")
check("upload_fileobj", s3.get_object(Bucket=name, Key="nine.bin")["Body"].read() == big[:9 << 20])
s3.copy({"Bucket": name, "Key": "big.bin"}, name, "copy.bin", Config=TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20))
check("copy in parts", s3.get_object(Bucket=name, Key="copy.bin")["Body"].read() == big)
s3.copy_object(Bucket=name, Key="small copy", CopySource={"Bucket": name, "Key": "a/b c+d%é.txt"})
check("copy_object", s3.get_object(Bucket=name, Key="small copy")["Metadata"] == {"who": "me"})
upload = s3.create_multipart_upload(Bucket=name, Key="up")["UploadId"]
s3.upload_part(Bucket=name, Key="up", UploadId=upload, PartNumber=2, Body=b"22")
check("list_parts", [part["PartNumber"] for part in s3.list_parts(Bucket=name, Key="up", UploadId=upload)["Parts"]] == [2])
refused("wrong part", "InvalidPart", lambda: s3.complete_multipart_upload(Bucket=name, Key="up", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "x"}]}))
s3.abort_multipart_upload(Bucket=name, Key="up", UploadId=upload)
refused("aborted", "NoSuchUpload", lambda: s3.list_parts(Bucket=name, Key="up", UploadId=upload))

for at in range(25): s3.put_object(Bucket=name, Key=f"list/{at % 5}/{at:03}", Body=b"x")
pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix="list/", PaginationConfig={"PageSize": 7}))
keys = [row["Key"] for page in pages for row in page["Contents"]]
check("paginator", len(pages) == 4 and len(keys) == 25 and keys == sorted(keys))
groups = s3.list_objects_v2(Bucket=name, Prefix="list/", Delimiter="/")
check("delimiter", [row["Prefix"] for row in groups["CommonPrefixes"]] == [f"list/{at}/" for at in range(5)] and groups["KeyCount"] == 5)
paged = [row["Prefix"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 2}) for row in page["CommonPrefixes"]]
check("delimiter in pages", paged == [f"list/{at}/" for at in range(5)])
check("start after", s3.list_objects_v2(Bucket=name, Prefix="list/4", StartAfter="list/4/014")["KeyCount"] == 2)
old = [row["Key"] for page in s3.get_paginator("list_objects").paginate(Bucket=name, Prefix="list/", PaginationConfig={"PageSize": 10}) for row in page["Contents"]]
check("list_objects", old == keys)
check("odd key in a list", "a/b c+d%é.txt" in [row["Key"] for row in s3.list_objects_v2(Bucket=name, Prefix="a/")["Contents"]])

refused("no policy", "NoSuchBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name), 404)
policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*"}]})
refused("bad policy", "MalformedPolicy", lambda: s3.put_bucket_policy(Bucket=name, Policy="nonsense"))
s3.put_bucket_policy(Bucket=name, Policy=policy)
check("policy", s3.get_bucket_policy(Bucket=name)["Policy"] == policy)
s3.delete_bucket_policy(Bucket=name)
refused("no policy any more", "NoSuchBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name))
refused("no lifecycle", "NoSuchLifecycleConfiguration", lambda: s3.get_bucket_lifecycle_configuration(Bucket=name), 404)
rules = [{"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}}]
s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
check("lifecycle", s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] == rules)
s3.delete_bucket_lifecycle(Bucket=name)
refused("not here", "NotImplemented", lambda: s3.get_bucket_cors(Bucket=name))

import urllib.request
v4 = boto3.client("s3", endpoint_url=url, region_name=region, config=Config(signature_version="s3v4"))
link = v4.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "small copy"}, ExpiresIn=60)
check("presigned get", urllib.request.urlopen(link).read() == b"hello")
link = v4.generate_presigned_url("put_object", Params={"Bucket": name, "Key": "signed"}, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(link, data=b"there", method="PUT"))
check("presigned put", s3.get_object(Bucket=name, Key="signed")["Body"].read() == b"there")

# A client of another region is sent on by its own redirector, but told the truth where it does not follow.
far = boto3.client("s3", endpoint_url=url, region_name=other)
check("another region", far.get_object(Bucket=name, Key="signed")["Body"].read() == b"there")
wrong = boto3.client("s3", endpoint_url=url, region_name=region, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="wrong")
refused("wrong secret", "SignatureDoesNotMatch", lambda: wrong.list_objects_v2(Bucket=name))
unknown = boto3.client("s3", endpoint_url=url, region_name=region, aws_access_key_id="AKIANOBODY", aws_secret_access_key="wrong")
refused("unknown key", "InvalidAccessKeyId", lambda: unknown.list_buckets())
signed = boto3.client("s3", endpoint_url=url, region_name=region, config=Config(s3={"payload_signing_enabled": True}))
signed.put_object(Bucket=name, Key="signed body", Body=b"there")

refused("not empty", "BucketNotEmpty", lambda: s3.delete_bucket(Bucket=name))
keys = [row["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name) for row in page["Contents"]]
gone = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key} for key in keys]})
check("delete_objects", sorted(row["Key"] for row in gone["Deleted"]) == keys)
s3.delete_object(Bucket=name, Key="was never there")
s3.delete_bucket(Bucket=name)
refused("deleted", "NoSuchBucket", lambda: s3.list_objects_v2(Bucket=name))

logs = boto3.client("logs", endpoint_url=url, region_name=region)
group = "/judge/" + name
try:
    logs.create_log_group(logGroupName=group)
    check("describe_log_groups", [row["logGroupName"] for row in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]] == [group])
    logs.put_retention_policy(logGroupName=group, retentionInDays=30)
    row = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    check("retention", row["retentionInDays"] == 30 and row["arn"].endswith(":*"))
    logs.delete_retention_policy(logGroupName=group)
    check("retention is for ever", "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0])
    refused("retention of 31 days", "InvalidParameterException", lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=31))
    refused("group again", "ResourceAlreadyExistsException", lambda: logs.create_log_group(logGroupName=group))
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    now = int(datetime.datetime.now().timestamp() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=[{"timestamp": now + at, "message": f"event {at}"} for at in range(5)])
    check("describe_log_streams", [row["logStreamName"] for row in logs.describe_log_streams(logGroupName=group)["logStreams"]] == ["one"])
    check("get_log_events", len(logs.get_log_events(logGroupName=group, logStreamName="one", startFromHead=True)["events"]) == 5)
    check("filter", [row["message"] for row in logs.filter_log_events(logGroupName=group, filterPattern='"event 3"')["events"]] == ["event 3"])
    found = [row for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 2}) for row in page["events"]]
    check("filter in pages", len(found) == 5)
    logs.delete_log_group(logGroupName=group)
    refused("no group", "ResourceNotFoundException", lambda: logs.filter_log_events(logGroupName=group))
except ClientError as error:
    print("logs:", error); sys.exit(1)
print(f"ok: {len(passed)} checks with boto3 {boto3.__version__}")
